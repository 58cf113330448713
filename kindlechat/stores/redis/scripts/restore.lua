if exists(given.id) then return answer({}) end  -- sent again after its answer was lost
if not can_restore(given.id, given.undo_s) then return refuse('conversation') end
redis.call('RENAME', key('discarded', given.id), key('conversation', given.id))
redis.call('HDEL', key('about', given.id), 'discarded', 'written')
keep(given.id)
return answer({})
