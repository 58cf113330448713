-- Conversations: rights, turns, what their owners made of them.

local function rights_of(conversation)
  local found = redis.call('HMGET', key('rights', conversation), 'owner_hash', 'key_hash')
  return {owner_hash = found[1], key_hash = found[2]}
end

local function grant(conversation, rights)
  for name, hash in pairs(rights) do redis.call('HSET', key('rights', conversation), name, hash) end
end

-- The turns of a conversation, oldest first: each is a list of the ids of its versions, the first one's
-- first. A reply of before there were versions has no `turn`: it took the place of the one before it, if
-- that was replaced.
local function turns_of(conversation)
  local turns, turn_of, last = {}, {}, nil
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    local found = redis.call('HMGET', key('reply', id), 'turn', 'replaced', 'state')
    if found[3] then
      local turn = found[1] and turn_of[found[1]] or (not found[1] and last)
      if not turn then
        turn = {}
        turns[#turns + 1] = turn
      end
      turn[#turn + 1] = id
      turn_of[id] = turn
      last = found[2] and turn or nil
    end
  end
  return turns
end

-- The one of these turns that a reply is a version of, or nil.
local function turn_with(turns, wanted)
  for _, turn in ipairs(turns) do
    for _, id in ipairs(turn) do
      if id == wanted then return turn end
    end
  end
end

-- What its owner made of a conversation: its title, its star, its share.
local function about(conversation)
  local found = redis.call('HMGET', key('about', conversation), 'title', 'starred', 'share')
  return {title = found[1] or '', starred = found[2] == '1', share = found[3]}
end

local function exists(conversation)
  return redis.call('EXISTS', key('conversation', conversation)) == 1
end

local function owner_of(conversation)
  return redis.call('HGET', key('rights', conversation), 'owner_hash')
end

-- Whether a conversation exists and is this reader's.
local function is_owned_by(conversation, owner_hash)
  return exists(conversation) and owner_of(conversation) == owner_hash
end

-- When a conversation was written last: when a reply of it began, or its holder wrote or was heard last.
local function written(conversation)
  local last = 0
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    local times = redis.call('HMGET', key('reply', id), 'created', 'heartbeat')
    last = math.max(last, tonumber(times[1] or 0), tonumber(times[2] or 0))
  end
  return last
end

-- What lists are to know of a conversation that was written at that time: whose it is, and what was made of it.
local function standing(conversation, at)
  local found = about(conversation)
  return {
    id = conversation, owner_hash = owner_of(conversation) or nil, at = at,
    starred = found.starred, share = found.share or nil,
  }
end
