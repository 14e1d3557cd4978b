-- What a reservation is for, as JSON: when nobody settles it, it is booked with that. '' in rows that
-- an older version wrote.
ALTER TABLE cost_reservations ADD COLUMN asked TEXT NOT NULL DEFAULT '';
