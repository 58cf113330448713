-- How a conversation stands, before something is done to it that lists are to know of: one that exists or, with
-- `undo_s`, that can be restored.
if given.undo_s then
  if not can_restore(given.id, given.undo_s) then return refuse('conversation') end
elseif not exists(given.id) then
  return refuse('conversation')
end
local found = standing(given.id, tonumber(redis.call('HGET', key('about', given.id), 'written') or written(given.id)))
found.now = now
return answer(found)
