-- The database of a made-up shop, and the user that a connector reads it as. Run by psql, with the user's password in SHOP_PASSWORD.
\getenv password SHOP_PASSWORD
CREATE SCHEMA shop;
CREATE TABLE shop.reviews (
    review_id bigint PRIMARY KEY,
    product_id text NOT NULL,
    customer_id text NOT NULL,
    rating smallint NOT NULL,
    title text,
    body text,
    language text,
    verified_purchase boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX ON shop.reviews (updated_at, review_id);
CREATE ROLE review_reader LOGIN PASSWORD :'password';
GRANT USAGE ON SCHEMA shop TO review_reader;
GRANT SELECT ON shop.reviews TO review_reader;
