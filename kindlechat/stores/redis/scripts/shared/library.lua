-- Readers' lists of their conversations.

-- A reader's list is sorted by when conversations were written; a star adds more than any time is.
local STAR = 1e12

local function score(conversation, at)
  return redis.call('HGET', key('about', conversation), 'starred') == '1' and at + STAR or at
end

local function written(score) return score >= STAR and score - STAR or score end

local function scored(found, into)
  for i = 1, #found, 2 do
    into[#into + 1] = {id = found[i], written = written(tonumber(found[i + 1]))}
  end
  return into
end

-- So many conversations of a reader's list, the starred ones first, without so many before them.
local function starred_first(list, offset, count)
  return scored(redis.call('ZREVRANGE', list, offset, offset + count - 1, 'WITHSCORES'), {})
end

-- The same, the last written ones first.
local function last_written(list, offset, count)
  local found, last = {}, offset + count
  for _, range in ipairs({{'+inf', STAR}, {'(' .. STAR, '-inf'}}) do
    scored(redis.call(
      'ZREVRANGEBYSCORE', list, range[1], range[2], 'WITHSCORES', 'LIMIT', 0, last), found)
  end
  table.sort(found, function(a, b) return a.written > b.written end)
  local page = {}
  for i = offset + 1, math.min(last, #found) do page[#page + 1] = found[i] end
  return page
end

local function enlist(conversation, at)
  local owner_hash = owner_of(conversation)
  if not owner_hash then return end
  redis.call('ZADD', key('owned', owner_hash), score(conversation, at), conversation)
  redis.call('EXPIRE', key('owned', owner_hash), TTL_S)
  local share = redis.call('HGET', key('about', conversation), 'share')
  if share then
    redis.call('SADD', key('shared', owner_hash), conversation)
    redis.call('EXPIRE', key('shared', owner_hash), TTL_S)
  end
end

-- Take a conversation out of all lists.
local function delist(conversation)
  local owner_hash = owner_of(conversation)
  redis.call('ZREM', ACTIVE, conversation)
  if not owner_hash then return end
  redis.call('ZREM', key('owned', owner_hash), conversation)
  redis.call('ZREM', key('bin', owner_hash), conversation)
  redis.call('SREM', key('shared', owner_hash), conversation)
end

-- A conversation as an entry of its owner's list.
local function entry(conversation, at)
  local turns = turns_of(conversation)
  local question = ''
  for _, id in ipairs(turns[1] or {}) do
    local reply = redis.call('HMGET', key('reply', id), 'question', 'replaced')
    if not reply[2] then question = reply[1] end
  end
  local found = about(conversation)
  return {
    id = conversation, question = question, turns = #turns, written = at,
    title = found.title, starred = found.starred, share = found.share or nil,
  }
end

-- Conversations of before there were lists are put into theirs once.
local function enlist_all()
  if redis.call('SET', PREFIX .. 'listed', '', 'NX', 'EX', TTL_S) then
    local all = redis.call('ZRANGE', ACTIVE, 0, -1, 'WITHSCORES')
    for i = 1, #all, 2 do enlist(all[i], all[i + 1]) end
  end
end
