/* Follows an answer in the page. ES3, for old e-readers; without it the form works by itself. */
(function () {
var GUARD_MS = 20000; /* the server gives some byte every 15 s */
var form = get("ask"), box = get("message"), question = get("question"), answer = get("answer");
var status = get("status"), controls = get("controls"), actions = get("actions");
var earlier = get("earlier"), notice = get("notice");
var html = document.documentElement, last = /\blast\b/.test(html.className);
var current, sending, repaints = 0, key, task;
var api = form && form.getAttribute("action").replace(/ask[?#].*/, "api/replies"); /* in the page's language */
var carried = words(html, "carried");

function get(id) { return document.getElementById(id); }

function words(element, name) { return element.getAttribute("data-" + name) || ""; }

function append(element, text) { element.appendChild(document.createTextNode(text)); }

/* `element` shows `text` from now on. What shows it already is left alone: e-ink flickers. */
function say(element, text) {
  if (element.said !== text) { element.innerHTML = ""; append(element, element.said = text); }
}

/* Settings that no cookie keeps are in the page's address. */
function carry(url) { return carried ? url + (/\?/.test(url) ? "&" : "?") + carried : url; }

function request(method, url, body, done) {
  var xhr = new XMLHttpRequest(), guard = setTimeout(function () { end(0); xhr.abort(); }, GUARD_MS);
  function end(code) {
    var data, then = done;
    done = function () {};
    clearTimeout(guard);
    try { data = JSON.parse(xhr.responseText); } catch (e) {}
    then(code, data || {});
  }
  xhr.onreadystatechange = function () { if (xhr.readyState === 4) { end(xhr.status); } };
  xhr.open(method, carry(url), true);
  if (body) {
    xhr.setRequestHeader("Content-Type", "application/json");
    xhr.setRequestHeader("Idempotency-Key", key);
  }
  xhr.send(body);
}

/* `todo`, unless a newer question has pushed this reply aside in the meantime. */
function still(run, todo) {
  return function (code, data) { if (run === current) { todo(code, data); } };
}

/* Each change: go down to the last child so many times, there keep so many children, append. */
function change(depth, keep, html) {
  var node = answer, made;
  while (depth) { node = node.lastChild; depth -= 1; }
  node.normalize();
  while (node.childNodes.length > keep) { node.removeChild(node.lastChild); }
  made = document.createElement(node.nodeName);
  made.innerHTML = html;
  while (made.firstChild) { node.appendChild(made.firstChild); }
}

/* What is finished is never touched again. */
function show(run, data) {
  var i;
  for (i = 0; i < data.html.length; i += 1) { change.apply(null, data.html[i]); }
  run.cursor = data.cursor;
  run.pause_s = 0;
  if (i) { answer.setAttribute("data-repaints", repaints += 1); }
  tell(run, data.state, data.status);
  if (data.actions) {
    controls.style.minHeight = controls.offsetHeight + "px"; /* what is read stays where it is */
    controls.removeChild(get("stop"));
    controls.removeChild(get("refresh"));
    actions.innerHTML = data.actions;
  }
}

/* What has no place on the page just now is "none". */
function display(id, how) { get(id).style.display = how; }

function tell(run, state, line) {
  say(status, line);
  if (run.state !== state) { answer.setAttribute("data-state", run.state = state); }
}

function follow(url, run) {
  return url + "?format=html" + (run.cursor ? "&after=" + encodeURIComponent(run.cursor) : "");
}

function poll(run) {
  function again() { poll(run); }
  request("GET", follow(run.poll, run), null, still(run, function (code, data) {
    if (data.error && code < 500 && code !== 429) {
      say(status, data.error.message);
    } else if (!data.state) {
      say(status, words(status, "lost"));
      run.pause_s = Math.min(15, 2 * run.pause_s || 1);
      setTimeout(still(run, again), 1000 * run.pause_s);
    } else {
      show(run, data);
      if (data.next_ms) { setTimeout(still(run, again), data.next_ms); }
    }
  }));
}

/* Reads lines till the end, a break or silence; polling goes on from there. */
function stream(run) {
  var decoder = new TextDecoder("utf-8"), text = "", reader, guard, left;
  function leave() {
    if (left) { return; }
    left = true;
    clearTimeout(guard);
    if (reader) { reader.cancel().then(null, leave); }
    if (run === current && !run.ended) { poll(run); }
  }
  function take(line) {
    var data = line && JSON.parse(line);
    if (data) {
      run.ended = data.actions;
      show(run, data);
    }
  }
  function read() {
    clearTimeout(guard);
    guard = setTimeout(leave, GUARD_MS);
    if (!reader) { return; }
    reader.read().then(function (part) {
      var lines;
      if (left || part.done || run !== current) { leave(); return; }
      lines = (text + decoder.decode(part.value, { stream: true })).split("\n");
      text = lines.pop();
      while (lines.length) { take(lines.shift()); }
      read();
    }).then(null, leave);
  }
  read();
  fetch(carry(follow(run.stream, run)), { credentials: "same-origin" }).then(function (response) {
    if (left || !response.ok) { leave(); return; }
    reader = response.body.getReader();
    read();
  }).then(null, leave);
}

/* The turn before leaves its place to the new one; a link leads to where an unfinished one goes on. */
function putAside() {
  var turn = document.createElement("div"), link = get("refresh");
  if (link) { link.id = ""; }
  turn.className = "turn";
  turn.innerHTML = "<p>" + question.innerHTML + "</p><div>" + answer.innerHTML + '</div><p class="quiet">' +
    (link ? link.outerHTML : status.innerHTML) + "</p>";
  if (!last && !earlier.firstChild) {
    earlier.className = "foot";
    earlier.innerHTML = "<h2>" + words(earlier, "title") + "</h2>";
  }
  earlier.insertBefore(turn, last ? null : earlier.childNodes[1] || null);
}

function start(run, message) {
  if (current) { putAside(); }
  answer.innerHTML = actions.innerHTML = "";
  current = run;
  form.elements.conversation.value = run.conversation;
  box.value = "";
  box.rows = 1;
  display("ask", "none");
  display("tasks", "none");
  get("label").innerHTML = words(question, "again");
  display("intro", "none");
  question.className = "ruled";
  question.innerHTML = "<b>" + words(question, "label") + "</b> ";
  append(question, message);
  document.title = message.slice(0, 60) + (message.length > 60 ? "…" : "") + " – " + words(question, "site");
  controls.innerHTML = '<button type="button" id="stop">' + words(controls, "stop") +
    '</button> <a id="refresh" href="' + carry(run.page) + '">' + words(controls, "refresh") +
    '</a> <a id="follow-up-above" href="#ask">' + words(question, "again") + "</a>";
  tell(run, "waiting", words(status, "waiting"));
  if (history.replaceState) { history.replaceState(null, "", carry(run.page)); }
  if (last) { window.location.replace("#controls"); }
  if (words(document.body, "mode") !== "poll" && window.fetch && window.ReadableStream && window.TextDecoder) {
    stream(run);
  } else {
    poll(run);
  }
}

if (!form || !answer || !answer.normalize || !window.JSON || !window.XMLHttpRequest) { return; }

if (last) { earlier.parentNode.insertBefore(earlier, controls); }

document.onclick = function (event) {
  var pressed = event.target;
  if (pressed.id === "stop") { request("POST", current.poll + "/stop", null, function () {}); }
  if (/^task/.test(pressed.name)) { task = pressed; } /* beside Ask: what to do with the text */
  if (/^example/.test(pressed.id)) {
    box.value = pressed.innerHTML;
    return form.onsubmit();
  }
  if (/^follow-up/.test(pressed.id)) { /* above an answer in place of the box, and at its end */
    display("ask", "");
    box.focus();
    return false;
  }
  return true;
};

box.onfocus = function () { if (box.rows < 3) { box.rows = 3; } display("tasks", ""); };

box.onkeydown = function (event) {
  return event.keyCode !== 13 || !(event.ctrlKey || event.metaKey) || form.onsubmit();
};

form.onsubmit = function () {
  var pressed = task || get("send"), told = (task ? task.innerHTML + ": " : "") + box.value, asked = {
    message: box.value,
    conversation: form.elements.conversation.value,
    task: pressed.name.slice(5),
    depth: get("thorough").checked ? "thorough" : "quick"
  };
  task = null;
  if (sending) { return false; }
  if (!/\S/.test(box.value)) {
    say(notice, words(notice, "empty"));
    return false;
  }
  sending = true;
  say(notice, words(notice, "sending"));
  key = key || Math.random() + "-" + Math.random(); /* kept until an answer begins */
  request("POST", api, JSON.stringify(asked), function (code, data) {
    sending = false;
    say(notice, data.poll ? "" : data.error ? data.error.message : words(notice, "unsent"));
    if (data.poll) {
      key = "";
      start(data, told);
    } else if (code === 401) {
      form.onsubmit = null; /* the server's own page asks for the passcode, and keeps the question */
      pressed.click();
    }
  });
  return false;
};
}());
