-- All subscribers after an id or, with an issue, the active ones in its language who have not got it.
local set = SUBSCRIBERS
if given.language then set = key('subscribers', given.language) end
local found, after = {}, given.after
while #found < given.limit do
  local from = after == '' and '-' or '(' .. after
  local ids = redis.call('ZRANGEBYLEX', set, from, '+', 'LIMIT', 0, given.limit)
  if #ids == 0 then break end
  for _, id in ipairs(ids) do
    after = id
    local got = given.issue and redis.call('SISMEMBER', key('delivered', given.issue), id) == 1
    if not got and #found < given.limit then found[#found + 1] = load_subscriber(id) end
  end
end
return answer({subscribers = found})
