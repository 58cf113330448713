-- Conversations of before there were lists are put into theirs once.
if redis.call('SET', PREFIX .. 'listed', '', 'NX', 'EX', TTL_S) then
  local all = redis.call('ZRANGE', ACTIVE, 0, -1, 'WITHSCORES')
  for i = 1, #all, 2 do enlist(all[i], all[i + 1]) end
end

local list, owned, rank = key('owned', given.owner_hash), {}, 0
while #owned < given.limit do
  local found = redis.call('ZREVRANGE', list, rank, rank, 'WITHSCORES')
  if not found[1] then break end
  local turns = turns_of(found[1])
  if #turns == 0 then  -- it has expired
    redis.call('ZREM', list, found[1])
  else
    local question
    for _, id in ipairs(turns[1]) do
      local reply = redis.call('HMGET', key('reply', id), 'question', 'replaced')
      if not reply[2] then question = reply[1] end
    end
    owned[#owned + 1] = {
      id = found[1], question = question, turns = #turns, written = tonumber(found[2]),
    }
    rank = rank + 1
  end
end
return answer({owned = owned})
