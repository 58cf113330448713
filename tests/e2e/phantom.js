/* Asks a question in a page and prints, as JSON, what was seen: for PhantomJS 1.9.8, in ES5.
   phantomjs phantom.js PAGE QUESTION WIDTH HEIGHT [LACKING,…] */
var system = require("system");
var page = require("webpage").create();
var address = system.args[1], question = system.args[2];
var lacking = (system.args[5] || "").split(",");
var following, LOOK_EVERY_MS = 50, WITHIN_MS = 20000;
var seen = { errors: [], lacking: [], texts: [] };

page.viewportSize = { width: +system.args[3], height: +system.args[4] };
page.onError = function (message, trace) {
  var at = trace[0] || {};
  seen.errors.push(message + " at " + at.file + ":" + at.line);
};

/* Before any script of the page's: take away what an older engine does not have. */
page.onInitialized = function () {
  page.evaluate(function (names) {
    names.forEach(function (name) {
      var path = name.split("."), last = path.pop();
      path.reduce(function (owner, part) { return owner[part]; }, window)[last] = undefined;
    });
  }, lacking.filter(String));
};

function look() {
  return page.evaluate(function () {
    var answer = document.getElementById("answer"), status = document.getElementById("status");
    return {
      state: answer && answer.getAttribute("data-state"),
      text: answer && answer.textContent,
      status: status && status.textContent,
      address: location.pathname
    };
  });
}

function press(id) {
  var at = page.evaluate(function (id) {
    var box = document.getElementById(id).getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  }, id);
  page.sendEvent("click", at.x, at.y);
}

function finish() {
  clearInterval(following);
  console.log(JSON.stringify(seen));
  phantom.exit();
}

function fail(why) {
  seen.errors.push(why);
  finish();
}

function follow() {
  var now = look();
  if (now.text !== seen.texts[seen.texts.length - 1]) { seen.texts.push(now.text); }
  if (now.state && now.state !== "waiting" && now.state !== "streaming") {
    seen.last = now;
    finish();
  }
}

setTimeout(function () { fail("took too long"); }, WITHIN_MS);
page.open(address, function (status) {
  if (status !== "success") { fail("the page did not load"); return; }
  seen.lacking = page.evaluate(function (names) {
    return names.filter(function (name) {
      return !name.split(".").reduce(function (owner, part) { return owner[part]; }, window);
    });
  }, lacking.filter(String));
  press("message");
  page.sendEvent("keypress", question);
  press("send");
  following = setInterval(follow, LOOK_EVERY_MS);
});
