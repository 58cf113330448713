local before = now - given.age_s

-- The last heartbeat among a conversation's replies that are under way, or 0.
local function last_heartbeat(ids)
  local last = 0
  for _, id in ipairs(ids) do
    local lease = redis.call('HMGET', key('reply', id), 'owner', 'heartbeat')
    if lease[1] then last = math.max(last, tonumber(lease[2])) end
  end
  return last
end

local deleted = 0
local old = redis.call('ZRANGEBYSCORE', ACTIVE, '-inf', '(' .. before, 'LIMIT', 0, given.batch)
for _, conversation in ipairs(old) do
  local ids = redis.call('LRANGE', key('turns', conversation), 0, -1)
  local heartbeat = last_heartbeat(ids)
  if heartbeat >= before then
    redis.call('ZADD', ACTIVE, heartbeat, conversation)
  else
    delete_conversation(conversation)
    deleted = deleted + 1
  end
end
return answer({deleted = deleted})
