if not can_restore(given.id, given.undo_s) then return refuse('conversation') end
return answer(rights_of(given.id))
