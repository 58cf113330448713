if not exists(given.id) then return refuse('conversation') end
return answer(rights_of(given.id))
