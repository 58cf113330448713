-- The words that were looked up in a conversation or, with `owner_hash`, in that reader's.
local is_told = exists(given.id) and (not given.owner_hash or owner_of(given.id) == given.owner_hash)
local words = is_told and redis.call('HVALS', key('words', given.id)) or {}
return cjson.encode({words = #words > 0 and words or cjson.decode('[]')})
