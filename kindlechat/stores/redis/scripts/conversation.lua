local seed = redis.call('GET', key('conversation', given.id))
if not seed then return answer({}) end
local replies = {}
for _, id in ipairs(redis.call('LRANGE', key('turns', given.id), 0, -1)) do
  local reply = read(id, 0)
  if reply and not reply.replaced then replies[#replies + 1] = reply end
end
return answer({seed = seed, replies = replies})
