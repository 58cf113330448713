enlist_all()

local list = key('owned', given.owner_hash)
local last = given.offset + given.limit

-- The page; nil where something on it has expired, which is in no list then.
local function page()
  local owned = {}
  local found = given.starred_first and starred_first(list, last) or last_written(list, last)
  for i = given.offset + 1, #found do
    if not exists(found[i].id) then
      redis.call('ZREM', list, found[i].id)
      return nil
    end
    owned[#owned + 1] = entry(found[i].id, found[i].written)
  end
  return owned
end

local owned
repeat owned = page() until owned
return answer({owned = owned})
