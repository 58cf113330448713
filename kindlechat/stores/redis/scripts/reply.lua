return answer(read(given.id, 0) or {})
