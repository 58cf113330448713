-- Delete a conversation that was not written since `before` or, with `owner_hash`, that is this reader's, discarded
-- or not; returns how it stood, and if it stays, that it does.
local at = written(given.id)
local found = standing(given.id, at)
if given.before and at >= given.before then found.stays = true end
if given.owner_hash and given.owner_hash ~= found.owner_hash then found.stays = true end
if not found.stays then delete_conversation(given.id) end
return answer(found)
