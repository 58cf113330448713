if not exists(given.id) then return refuse('conversation') end
local share = redis.call('HGET', key('about', given.id), 'share')
if not share then
  share = given.share_id
  local ttl_ms = redis.call('PTTL', key('conversation', given.id))
  redis.call('HSET', key('about', given.id), 'share', share)
  redis.call('PEXPIRE', key('about', given.id), ttl_ms)
  redis.call('SET', key('share', share), given.id, 'PX', ttl_ms)
  enlist(given.id, redis.call('ZSCORE', ACTIVE, given.id) or now)
end
return answer({share = share})
