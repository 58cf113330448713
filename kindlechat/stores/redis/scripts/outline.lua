if redis.call('EXISTS', key('conversation', given.id)) == 0 then return answer({}) end
local replies = {}
for _, id in ipairs(redis.call('LRANGE', key('turns', given.id), 0, -1)) do
  local reply = read(id, math.huge)
  if reply and not reply.replaced then
    replies[#replies + 1] = {
      id = id, question = reply.question, chars = reply.chars,
      state = reply.state, reason = reply.reason,
    }
  end
end
return answer({replies = replies, rights = rights_of(given.id)})
