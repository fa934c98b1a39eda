-- The database of a made-up shop: its table of reviews. Its user is made where the password is known.
CREATE TABLE reviews (
    review_id bigint PRIMARY KEY,
    product_id varchar(40) NOT NULL,
    customer_id varchar(40) NOT NULL,
    rating tinyint NOT NULL,
    title text,
    body text,
    language varchar(8),
    verified_purchase boolean NOT NULL,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    INDEX (updated_at, review_id)
);
