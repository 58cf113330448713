if not can_restore(given.id, given.undo_s) then return refuse('conversation') end
local at = redis.call('HGET', key('about', given.id), 'written')
redis.call('RENAME', key('discarded', given.id), key('conversation', given.id))
redis.call('HDEL', key('about', given.id), 'discarded', 'written')
delist(given.id)
keep(given.id, tonumber(at))
return answer({})
