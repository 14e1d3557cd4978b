-- A sign-in that is under way is kept by the browser that began it.
DROP TABLE pending_logins;
