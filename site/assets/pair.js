/* On a paired reader's page: looks whether the phone has asked something, and goes there. ES3; without it the
   page loads itself again, or its link is followed. */
(function () {
var SOON = 2000, LATER = 5000, FIRST = 30, MOST = 360;
var link = document.getElementById("look"), line = document.getElementById("paired");
var asked = 0;

/* The address of this page by which the server knows what it has shown. */
function here() {
  var search = window.location.search;
  if (search.indexOf("after=") < 0) { search += (search ? "&" : "?") + link.search.substring(1); }
  return window.location.pathname + search;
}

/* A browser that is left alone asks for half an hour: some end with an error page after one. */
function later() {
  asked += 1;
  if (asked < MOST) { setTimeout(ask, asked < FIRST ? SOON : LATER); }
}

function ask() {
  var request;
  if (!window.XMLHttpRequest) { window.location.replace(here()); return; }
  request = new XMLHttpRequest();
  request.open("GET", link.href.replace("?", "/news?"), true);
  request.onreadystatechange = function () {
    if (request.readyState !== 4) { return; }
    if (request.status === 404) {
      line.parentNode.removeChild(line);
    } else if (request.status === 200 && request.responseText) {
      window.location.replace(link.href);
    } else {
      later();
    }
  };
  request.send(null);
}

if (link) { setTimeout(ask, window.XMLHttpRequest ? SOON : 2 * LATER); }
}());
