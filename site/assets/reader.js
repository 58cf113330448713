/* Follows an answer in the page. ES3, for old e-readers; without it the form works by itself. */
(function () {
var GUARD_MS = 20000; /* the server gives some byte every 15 s */
var PAINT_MS = 500; /* e-ink takes up to 800 ms for a repaint */
var PEEK_MS = 3000; /* how often a silent stream's reason is asked for */
var form = get("ask"), box = get("message"), question = get("question"), answer = get("answer");
var status = get("status"), actions = get("actions");
var current, sending, resting, dirty, said, repaints = 0, key;

function get(id) { return document.getElementById(id); }

function words(element, name) { return element.getAttribute("data-" + name); }

function append(element, text) { element.appendChild(document.createTextNode(text)); }

function say(text) {
  if (text !== said) { status.innerHTML = ""; append(status, said = text); }
}

function request(method, url, body, done) {
  var xhr = new XMLHttpRequest(), guard = setTimeout(function () { end(0); xhr.abort(); }, GUARD_MS);
  function end(code) {
    var data, then = done;
    done = function () {};
    clearTimeout(guard);
    try { data = JSON.parse(xhr.responseText); } catch (e) {}
    then(code, data || {}, xhr.responseText);
  }
  xhr.onreadystatechange = function () { if (xhr.readyState === 4) { end(xhr.status); } };
  xhr.open(method, url, true);
  if (body) {
    xhr.setRequestHeader("Content-Type", "application/json");
    xhr.setRequestHeader("Idempotency-Key", key);
  }
  xhr.send(body);
}

/* `todo`, unless a newer question has pushed this reply aside in the meantime. */
function still(run, todo) {
  return function (code, data, text) { if (run === current) { todo(code, data, text); } };
}

function tell(run, state, reason, note) {
  run.state = state;
  run.said = note || (/waiting|failed/.test(state) && reason) ||
    words(status, state) + (reason ? " " + reason : "");
  run.link = words(actions, note ? "on" : "refresh");
  dirty = true;
  if (!resting) { paint(); }
}

/* Text is only ever appended, till the finished answer takes its place. */
function paint() {
  var run = current, link = get("refresh");
  if (run.buttons) {
    answer.className = "";
    answer.innerHTML = run.html;
    actions.innerHTML = run.buttons;
    run.buttons = "";
    run.shown = run.text;
    repaints += 1;
  } else if (run.text !== run.shown) {
    if (run.text.lastIndexOf(run.shown, 0)) { answer.innerHTML = run.shown = ""; }
    append(answer, run.text.slice(run.shown.length));
    run.shown = run.text;
    repaints += 1;
  }
  if (link) { link.innerHTML = run.link; }
  say(run.said);
  answer.setAttribute("data-repaints", repaints);
  answer.setAttribute("data-state", run.state);
  dirty = false;
  resting = true;
  setTimeout(function () { resting = false; if (dirty) { paint(); } }, PAINT_MS);
}

function poll(run) {
  var after = run.cursor ? "?after=" + encodeURIComponent(run.cursor) : "";
  function again() { poll(run); }
  request("GET", run.poll + after, null, still(run, function (code, data) {
    if (data.error && code < 500 && code !== 429) {
      tell(run, run.state, null, data.error.message);
    } else if (!data.state) {
      tell(run, run.state, null, words(status, "lost"));
      run.pause_s = Math.min(15, 2 * run.pause_s || 1);
      setTimeout(still(run, again), 1000 * run.pause_s);
    } else {
      /* With no cursor the text is whole, and right where a stream had it otherwise. */
      run.text = trim(after ? run.text + data.text : data.text);
      run.cursor = data.cursor;
      run.pause_s = 0;
      if (data.next_ms) {
        tell(run, data.state, data.reason);
        setTimeout(still(run, again), data.next_ms);
      } else {
        finish(run, data);
      }
    }
  }));
}

function trim(text) { return text.replace(/^\s+/, ""); }

/* The conversation's page has the answer with its formatting, and the buttons that fit. */
function finish(run, last) {
  tell(run, run.state);
  request("GET", run.page, null, still(run, function (code, data, page) {
    var parts = page.split(/<!--\/?a\w+-->/);
    if (parts.length === 5) { run.html = parts[1]; run.buttons = parts[3]; }
    tell(run, last.state, last.reason);
  }));
}

/* Reads till the end, a break or silence; polling learns which it was, and goes on. */
function stream(run) {
  var decoder = new TextDecoder("utf-8"), reader, guard, left;
  function leave() {
    if (left) { return; }
    left = true;
    clearTimeout(guard);
    if (reader) { reader.cancel().then(null, leave); }
    if (run === current) { poll(run); }
  }
  function read() {
    clearTimeout(guard);
    guard = setTimeout(leave, GUARD_MS);
    if (!reader) { return; }
    reader.read().then(function (part) {
      if (left || part.done || run !== current) { leave(); return; }
      run.text = trim(run.text + decoder.decode(part.value, { stream: true }));
      if (run.text) { tell(run, "streaming"); }
      read();
    }).then(null, leave);
  }
  /* While it is silent, polling tells why. */
  function peek() {
    if (left || run.text) { return; }
    request("GET", run.poll, null, still(run, function (code, data) {
      if (data.state === "waiting" && !left && !run.text) { tell(run, data.state, data.reason); }
      setTimeout(still(run, peek), PEEK_MS);
    }));
  }
  read();
  setTimeout(still(run, peek), PEEK_MS);
  fetch(run.stream, { credentials: "same-origin" }).then(function (response) {
    if (left || !response.ok) { leave(); return; }
    reader = response.body.getReader();
    read();
  }).then(null, leave);
}

function start(run, message) {
  current = run;
  run.text = run.shown = "";
  form.elements.conversation.value = run.conversation;
  box.value = "";
  question.className = "ruled";
  question.innerHTML = "<b>" + words(question, "label") + "</b> ";
  append(question, message);
  answer.className = "raw";
  answer.innerHTML = "";
  actions.innerHTML = '<button type="button" id="stop">' + words(actions, "stop") +
    '</button> <a id="refresh" href="' + run.page + '"></a>';
  get("stop").onclick = function () { request("POST", run.poll + "/stop", null, function () {}); };
  tell(run, "waiting");
  if (window.history && history.replaceState) { history.replaceState(null, "", run.page); }
  if (words(document.body, "mode") !== "poll" && window.fetch && window.ReadableStream && window.TextDecoder) {
    stream(run);
  } else {
    poll(run);
  }
}

if (!form || !answer || !window.JSON || !window.XMLHttpRequest) { return; }

form.onsubmit = function () {
  var asked = { message: box.value }, conversation = form.elements.conversation.value;
  if (sending || !trim(box.value)) { return false; }
  if (conversation) { asked.conversation = conversation; }
  sending = true;
  key = key || Math.random() + "-" + Math.random(); /* kept until an answer begins */
  request("POST", "/api/replies", JSON.stringify(asked), function (code, data) {
    sending = false;
    if (data.poll) {
      key = "";
      start(data, asked.message);
    } else if (code === 401) {
      form.submit(); /* the server's own page asks for the passcode, and keeps the question */
    } else {
      say(data.error ? data.error.message : words(status, "unsent"));
    }
  });
  return false;
};
}());
