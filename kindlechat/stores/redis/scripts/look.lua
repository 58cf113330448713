-- How a conversation stands, before something is done to it that lists are to know of: one that exists or, with
-- `undo_s`, that can be restored.
if not is_there(given.id, given.undo_s) then return refuse('conversation') end
local found = standing(given.id, last_written(given.id))
found.now = now
return answer(found)
