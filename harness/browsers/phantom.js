/* Runs what a test posts, in PhantomJS: each body is that of a function of `pages`, a place to keep
   pages; its value comes back as JSON. In ES5.   phantomjs phantom.js PORT */
var pages = {};
var address = "127.0.0.1:" + require("system").args[1];

require("webserver").create().listen(address, function (request, response) {
  var answer;
  try {
    answer = { value: new Function("pages", request.post)(pages) };
  } catch (error) {
    answer = { error: String(error) };
  }
  response.statusCode = 200;
  response.write(JSON.stringify(answer));
  response.close();
});
