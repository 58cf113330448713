-- A part of a reader's conversations with their texts, as far as there is room for so many characters.
enlist_all()
local room, answer_room = given.room, given.answer_room

local function text_of(id, chars)
  if chars > answer_room then return nil end
  answer_room = answer_room - chars
  local pieces = {}
  for i, piece in ipairs(redis.call('XRANGE', key('text', id), '-', '+')) do pieces[i] = piece[2][2] end
  return table.concat(pieces)
end

local whole = true

local function texts_of(conversation)
  local texts = {}
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    local reply = redis.call('HMGET', key('reply', id), 'question', 'chars')
    if reply[1] then
      local text = text_of(id, tonumber(reply[2]))
      whole = whole and text ~= nil
      room = room - #reply[1]
      texts[#texts + 1] = text and reply[1] .. '\n' .. text or reply[1]
    end
  end
  return texts
end

local list, found, looked = key('owned', given.owner_hash), {}, 0
local ids = redis.call(
  'ZREVRANGE', list, given.offset, given.offset + given.batch - 1, 'WITHSCORES')
for i = 1, #ids, 2 do
  if room <= 0 then break end
  looked = looked + 1
  local texts = texts_of(ids[i])
  if #texts > 0 then  -- else it has expired
    local title = redis.call('HGET', key('about', ids[i]), 'title')
    found[#found + 1] = {
      id = ids[i], written = written(tonumber(ids[i + 1])), title = title or '', texts = texts,
    }
  end
end
return answer({
  found = found, looked = looked, room = room, answer_room = answer_room, whole = whole,
  more = looked < #ids / 2 or redis.call('ZCARD', list) > given.offset + looked,
})
