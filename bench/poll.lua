-- Polls a reply under way as its readers do, for wrk: from the newest cursor, where nothing is new until the reply
-- grows, or with `news` from the cursor before it.
local path, news
local newest, before = '0', '0'

function init(arguments)
  path, news = arguments[1], arguments[2] == 'news'
end

function request()
  return wrk.format('GET', path .. (news and before or newest))
end

function response(status, headers, body)
  local cursor = body:match('"cursor": ?"(%d+)"')
  if cursor and cursor ~= newest then before, newest = newest, cursor end
end
