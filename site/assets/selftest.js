/* Says what this browser can do and which way fits. ES3; tests features, never names. */
(function () {
  var table = document.getElementById("selftest"), verdict = document.getElementById("verdict");
  var can = {
    script: true,
    json: !!window.JSON,
    xhr: !!window.XMLHttpRequest,
    progressive: false,
    fetch: !!window.fetch,
    streams: !!(window.ReadableStream && window.Response && "body" in Response.prototype),
    decoder: !!window.TextDecoder,
    events: !!window.EventSource,
    storage: stores()
  };

  function stores() {
    try {
      localStorage.setItem("test", "1");
      localStorage.removeItem("test");
      return true;
    } catch (e) {
      return false;
    }
  }

  function write(name, text) {
    var cell = document.getElementById("test-" + name);
    cell.innerHTML = "";
    cell.appendChild(document.createTextNode(text));
  }

  function show() {
    var name, fits = can.json && can.xhr ? "poll" : "plain";
    if (fits === "poll" && can.fetch && can.streams && can.decoder) { fits = "stream"; }
    for (name in can) {
      if (can.hasOwnProperty(name)) { write(name, table.getAttribute("data-" + (can[name] ? "yes" : "no"))); }
    }
    verdict.innerHTML = "";
    verdict.appendChild(document.createTextNode(verdict.getAttribute("data-" + fits)));
  }

  function readsWhileItArrives() {
    var xhr = new XMLHttpRequest();
    xhr.onreadystatechange = function () {
      try {
        if (xhr.readyState === 3 && xhr.responseText && !can.progressive) {
          can.progressive = true;
          show();
        }
      } catch (e) { /* an engine that forbids reading now cannot do it */ }
    };
    xhr.open("GET", window.location.pathname, true);
    xhr.send(null);
  }

  write("screen", screen.width + " × " + screen.height);
  write("ratio", String(window.devicePixelRatio || 1));
  show();
  if (can.xhr) { readsWhileItArrives(); }
}());
