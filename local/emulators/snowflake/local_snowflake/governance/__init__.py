"""Tags of columns, and the masking policies that tags carry: features of Snowflake's Enterprise edition."""
