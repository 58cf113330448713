local owner_hash = redis.call('GET', key_owner(given.kind, given.hash))
local about = owner_hash and redis.call('HGET', key('reader', owner_hash), given.kind)
return answer(about and {owner_hash = owner_hash, about = about} or {})
