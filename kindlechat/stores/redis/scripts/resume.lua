local reply = read(given.id, 0)
if not reply then return refuse('reply') end
if reply.owner == given.lease then return answer(reply) end  -- sent again after its answer was lost
if not given.continuable[reply.state] or given.final[reply.reason] then
  return refuse('state')
end

redis.call('HDEL', key('reply', given.id), 'stop')
redis.call('HSET', key('reply', given.id),
  'owner', given.lease, 'address', given.client_hash, 'heartbeat', now,
  'renewed', given.steady)
local before = answer(reply)
put(reply, '', reply.chars, 'waiting', '')
keep(reply.conversation)
return before
