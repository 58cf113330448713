-- As many of a reader's conversations, discarded ones too, as one call may delete.
enlist_all()
local deleted = 0
for _, kind in ipairs({'owned', 'bin'}) do
  local list = key(kind, given.owner_hash)
  for _, id in ipairs(redis.call('ZRANGE', list, 0, given.batch - 1)) do
    delete_conversation(id)
    redis.call('ZREM', list, id)
    deleted = deleted + 1
  end
end
if deleted == 0 then redis.call('UNLINK', key('shared', given.owner_hash)) end
return answer({deleted = deleted})
