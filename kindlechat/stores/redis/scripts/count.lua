-- Count an event against a quota once, or say for how long it is spent. That it was counted is kept for a while in
-- the quota's own slot, by a token of the event: so it can be sent twice, and be taken back.
local name = key('quota', given.quota.key)
local counted = PREFIX .. 'counted:{' .. name .. '}:' .. (given.token or '')
if given.token and redis.call('EXISTS', counted) == 1 then return answer({}) end
local found = redis.call('HMGET', name, 'count', 'expires')
local count, expires = tonumber(found[1]), tonumber(found[2])
-- An end behind the whole window is of a time from which the clock was set back. Windows are rounded up to seconds.
if not count or expires <= now or expires > now + given.quota.window_s + 1 then
  count, expires = 0, now + given.quota.window_s
end
if count >= given.quota.amount then
  return answer({wait_s = math.max(1, math.ceil(expires - now)), expires = expires})
end
if given.token then
  redis.call('SET', counted, expires, 'EX', given.counted_s)
  redis.call('HSET', name, 'count', count + given.cost, 'expires', expires)
  redis.call('EXPIRE', name, given.quota.window_s)
end
return answer({})
