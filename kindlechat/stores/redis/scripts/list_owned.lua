enlist_all()

local list = key('owned', given.owner_hash)
local in_order = given.starred_first and starred_first or last_written

-- The page; nil where something on it has expired, which is in no list then.
local function page()
  local owned = {}
  for _, found in ipairs(in_order(list, given.offset, given.limit)) do
    if not exists(found.id) then
      redis.call('ZREM', list, found.id)
      return nil
    end
    owned[#owned + 1] = entry(found.id, found.written)
  end
  return owned
end

local owned
repeat owned = page() until owned
return answer({owned = owned})
