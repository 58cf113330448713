-- A reader's conversation is another reader's from now on.
if not exists(given.id) or owner_of(given.id) ~= given.owner_hash then return answer({}) end
redis.call('HSET', key('rights', given.id), 'owner_hash', given.to)
return answer({handed = true})
