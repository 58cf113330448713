-- Discard a conversation or, with `owner_hash`, that reader's.
if redis.call('EXISTS', key('discarded', given.id)) == 1 then return answer({}) end  -- sent again
if not exists(given.id) then return refuse('conversation') end
if given.owner_hash and owner_of(given.id) ~= given.owner_hash then return refuse('conversation') end
redis.call('HSET', key('about', given.id), 'discarded', now, 'written', given.at)
expire(given.id, given.undo_s)
redis.call('RENAME', key('conversation', given.id), key('discarded', given.id))
return answer({})
