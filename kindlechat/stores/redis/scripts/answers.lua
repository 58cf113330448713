-- The answers in a reader's conversation that have ended and have text, with when they were written.
if not is_owned_by(given.id, given.owner_hash) then return answer({}) end
local ids, answers = redis.call('LRANGE', key('turns', given.id), 0, -1), {}
for i = #ids, 1, -1 do
  local found = redis.call('HMGET', key('reply', ids[i]), 'owner', 'chars', 'replaced', 'heartbeat')
  if not found[1] and not found[3] and tonumber(found[2] or 0) > 0 then
    answers[#answers + 1] = {ids[i], tonumber(found[4] or 0)}
  end
end
return answer({answers = answers})
