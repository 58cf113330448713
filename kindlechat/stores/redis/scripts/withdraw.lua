if not exists(given.id) then return refuse('conversation') end
local share = redis.call('HGET', key('about', given.id), 'share')
if share then
  redis.call('UNLINK', key('share', share))
  redis.call('HDEL', key('about', given.id), 'share')
  local owner_hash = owner_of(given.id)
  if owner_hash then redis.call('SREM', key('shared', owner_hash), given.id) end
end
return answer({})
