/* Shows the settings on their own page as they are chosen, before they are saved. ES3. */
(function () {
var CLASSES = { "face-sans": "sans", "dark-True": "dark" };
var form = document.getElementById("settings"), html = document.documentElement;

function show() {
  var names = [], i, field, all;
  for (i = 0; i < form.elements.length; i += 1) {
    field = form.elements[i];
    if (field.type === "radio" && field.checked) { names.push(CLASSES[field.id] || field.name + field.value); }
  }
  all = names.join(" ");
  if (html.className !== all) { html.className = all; }
}

form.onclick = show;
}());
