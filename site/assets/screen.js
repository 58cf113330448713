/* For answers in pages: turns them by keys, measures the screen and the typeface, by which the server
   cuts, and fills what is left. ES3, for old e-readers; links turn pages without it. */
(function () {
var DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/* The same as in kindlechat/rendering/device/faces.py, after all of ASCII. */
var SAMPLES = ["\u2014", "\u2013", "\u2026", "\u2022", "\u2019", "\u201c", "\u201d", "\u00ab", "\u2500",
  "\u043e\u0435\u0430\u0438\u043d\u0442\u0441\u0440\u0432\u043b",
  "\u041e\u0415\u0410\u0418\u041d\u0422\u0421\u0420\u0412\u041b", "\u5b57",
  "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u0939\u093f\u0928\u094d\u0926\u0940"];
var STYLED_TEXT = "First:makeyourown.Thenask", STYLED = ["b", "i", "code"], CODE_SIZE = 0.85;
var TIMES = 20; /* for fractions of dots */
var YEAR_S = 31536000;
/* A browser whose bars come and go with each load must not load for ever; a turned screen may do so more often. */
var MOST_LOADS = 2, MOST_TURNS = 4, AGAIN_S = 20;
var STILL_MS = 300; /* so long a window that is turned or dragged keeps its size before that counts */
var FOOT_EM = 0.3, MOST_EM = 2.2, LEAST_EM = -0.4; /* what stays free, and by what gaps change */
var LEAST_LINE = 0.8, MOST_LINE = 1.25; /* how tight and wide lines become, beside what they are */
var MOST_BLANK = 0.05;
var PAGE_UP = 33, PAGE_DOWN = 34, LEFT = 37, RIGHT = 39;
var html = document.documentElement, answer = get("answer"), em, is, was;

function get(id) { return document.getElementById(id); }

function style(element) { return window.getComputedStyle(element, null); }

/* Two digits a sample: thousandths of an em. Letters stand between others, as some are drawn as one. */
function face() {
  var ruler = document.createElement("div"), spans = [], key = "", code, i, n, letter, width;
  function span(text, tag) {
    var made = document.createElement(tag || "span");
    made.appendChild(document.createTextNode(new Array(TIMES + 1).join(text)));
    spans.push(ruler.appendChild(made));
  }
  span("n");
  for (code = 32; code < 127; code += 1) {
    letter = String.fromCharCode(code);
    span(/[a-z0-9 ]/.test(letter) ? "n" + letter : letter);
  }
  for (i = 0; i < SAMPLES.length; i += 1) { span(SAMPLES[i]); }
  for (i = 0; i < STYLED.length; i += 1) { span(STYLED_TEXT, STYLED[i]); }
  ruler.style.position = "absolute";
  ruler.style.overflow = ruler.style.visibility = "hidden";
  ruler.style.whiteSpace = "pre";
  ruler.style.width = "100em";
  answer.appendChild(ruler);
  em = ruler.offsetWidth / 100;
  for (i = 0; i < spans.length; i += 1) {
    letter = spans[i].firstChild.nodeValue;
    width = spans[i].offsetWidth / letter.length / em;
    n = n || width;
    if (i && /^n/.test(letter)) { width = 2 * width - n; }
    if (spans[i].nodeName === "CODE") { width /= CODE_SIZE; }
    width = Math.round(1000 * width);
    if (i) { key += DIGITS.charAt(width >> 6 & 63) + DIGITS.charAt(width & 63); }
  }
  answer.removeChild(ruler);
  return key;
}

function cookie(name) {
  var found = new RegExp("(?:^|; )" + name + "=([^;]*)").exec(document.cookie);
  return found ? found[1] : "";
}

function keep(name, value, seconds) {
  document.cookie = name + "=" + value + "; path=/; max-age=" + seconds + "; samesite=lax";
}

function near(one, other) { return Math.abs(one - other) <= other / 50; }

function measure() {
  is = [window.innerWidth, window.innerHeight, Math.round(parseFloat(style(html).fontSize)), face()];
}

/* Whether the answer was cut for another screen, and is to be cut anew. */
function isNew() {
  var loads = +cookie("cut"), isAsWide = near(is[0], was[0]);
  if (isAsWide && near(is[1], was[1]) && is[2] === +was[2] && is[3] === was[3]) { return false; }
  keep("screen", is.join("."), YEAR_S);
  if (cookie("screen") !== is.join(".") || loads >= (isAsWide ? MOST_LOADS : MOST_TURNS)) { return false; }
  keep("cut", loads + 1, AGAIN_S);
  return true;
}

/* Loads the page that now holds what this one began with. */
function cutAnew() {
  var at = answer.getAttribute("data-at"), query = window.location.search;
  if (/\bscreen=/.test(query)) {
    window.location.replace(window.location.pathname + query.replace(/\bscreen=\d+/, "at=" + at));
  } else {
    window.location.reload();
  }
}

/* A screen that was turned. Bars that come and go change its height alone. */
function watch() {
  var timer;
  window.onresize = window.onpageshow = function () { /* a page that one goes back to may be as it was */
    clearTimeout(timer);
    timer = setTimeout(function () {
      if (near(window.innerWidth, is[0])) { return; }
      measure();
      if (isNew()) { cutAnew(); }
    }, STILL_MS);
  };
}

/* What is left below the text, or too much of it, goes between the blocks; what is too much for them,
   between the lines. */
function fill() {
  var gaps = [], below = get("next") && answer, each, i, gap, next;
  function room() {
    return below ? is[1] - answer.offsetTop - answer.offsetHeight - FOOT_EM * em :
      is[1] - html.scrollHeight; /* only what is too much */
  }
  function collect(parent) {
    var node;
    for (node = parent.firstChild; node; node = node.nextSibling) {
      if (/^([OU]L|DIV)$/.test(node.nodeName)) { collect(node); }
      if (node.nodeType === 1 && node.nextSibling) { gaps.push(node); }
    }
  }
  collect(answer);
  each = room();
  each = Math.max(LEAST_EM * em, Math.min(MOST_EM * em, each / gaps.length));
  for (i = 0; i < gaps.length; i += 1) {
    next = gaps[i].nextSibling;
    gap = parseFloat(style(gaps[i]).marginBottom);
    if (next.nodeType === 1) { gap = Math.max(gap, parseFloat(style(next).marginTop)); }
    gaps[i].style.marginBottom = Math.max(0, gap + each) + "px";
    if (next.nodeType === 1) { next.style.marginTop = 0; }
  }
  next = answer.firstChild && answer.firstChild.nodeName === "DIV" ? answer.firstChild : answer;
  each = parseFloat(style(next).lineHeight) / parseFloat(style(next).fontSize);
  for (i = each; room() < 0 && i > LEAST_LINE * each; i -= 0.03) { next.style.lineHeight = i; }
  for (i = each; below && room() > MOST_BLANK * is[1] && i < MOST_LINE * each; i += 0.03) {
    next.style.lineHeight = i;
  }
}

function turn(id) {
  var link = get(id);
  if (link) { window.location.href = link.href; }
  return !link;
}

document.onkeydown = function (event) {
  var key = event.keyCode, at = window.pageYOffset, rtl = html.dir === "rtl";
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) { return true; }
  if (key === LEFT) { return turn(rtl ? "next" : "previous"); }
  if (key === RIGHT) { return turn(rtl ? "previous" : "next"); }
  if (key === PAGE_UP && at <= 0) { return turn("previous"); }
  if (key === PAGE_DOWN && at + window.innerHeight + 4 >= html.scrollHeight) { return turn("next"); }
  return true;
};

if (answer && window.getComputedStyle && document.cookie !== undefined) {
  was = cookie("screen").split("."); /* what this page was cut for */
  measure();
  if (isNew()) {
    cutAnew();
  } else {
    fill();
    watch();
  }
}
}());
