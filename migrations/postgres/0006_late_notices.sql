-- Late lots of which the operator has been told, so that it is done once, however many processes serve.
CREATE TABLE late_notices (lot BIGINT PRIMARY KEY);
