local reply = read(given.id, 0)
if not reply then return refuse('reply') end
if reply.owner == given.lease then return answer(reply) end  -- sent again after its answer was lost
if not given.continuable[reply.state] or given.final[reply.reason] then
  return refuse('state')
end
if not has_room(given.client_hash, given.concurrency_limit) then return refuse('room') end
local refused = spent(given.quotas)
if refused then return answer({spent = refused}) end

count(given.quotas, 1)
redis.call('HDEL', key('reply', given.id), 'stop')
redis.call('HSET', key('reply', given.id),
  'owner', given.lease, 'address', given.client_hash, 'heartbeat', now,
  'renewed', steady())
redis.call('SREM', key('asking', reply.address), given.id)
local before = answer(reply)
put(reply, '', reply.chars, 'waiting', '')
enter(given.client_hash, given.id)
keep(reply.conversation)
return before
