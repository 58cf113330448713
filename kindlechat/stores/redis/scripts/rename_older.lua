-- Give keys of conversations that an older version named their names of today, a batch after the other:
-- `cursor` says where to go on, "0" at the beginning and at the end; then `named` is kept for `named_s` seconds.
-- That version's names have no braces.
local found = redis.call('SCAN', given.cursor, 'MATCH', PREFIX .. '*', 'COUNT', given.batch)
local renamed = 0
for _, name in ipairs(found[2]) do
  local kind, id = name:sub(#PREFIX + 1):match('^(%a+):([^{]+)$')
  if kind and OF_A_CONVERSATION[kind] then
    renamed = renamed + redis.call('RENAMENX', name, key(kind, id))
  end
end
-- A full memory takes nothing; all can be read and deleted all the same.
if found[1] == '0' then redis.pcall('SET', given.named, '', 'EX', given.named_s) end
return answer({cursor = found[1], renamed = renamed})
