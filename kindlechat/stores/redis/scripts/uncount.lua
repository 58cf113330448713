-- Take an event back that was counted against a quota, unless that has forgotten it.
local name = key('quota', given.quota.key)
local counted = PREFIX .. 'counted:{' .. name .. '}:' .. given.token
local expires = redis.call('GET', counted)
redis.call('DEL', counted)
if expires and expires == redis.call('HGET', name, 'expires') then
  redis.call('HINCRBY', name, 'count', -given.cost)
end
return answer({})
