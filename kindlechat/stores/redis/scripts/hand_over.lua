-- A reader's conversation is another reader's from now on.
if not is_owned_by(given.id, given.owner_hash) then return answer({}) end
redis.call('HSET', key('rights', given.id), 'owner_hash', given.to)
return answer({handed = true})
