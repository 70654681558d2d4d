SELECT COALESCE(max(id), 0) FROM inbox WHERE target = $1
