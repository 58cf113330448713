local found = {mailbox = redis.call('HGET', key('reader', given.owner_hash), 'mailbox') or '', keys = {}}
for _, kind in ipairs(given.kinds) do
  found.keys[kind] = redis.call('HGET', key('reader', given.owner_hash), kind) or nil
end
if not next(found.keys) then found.keys = nil end
return answer(found)
