-- No version of a review is in core that is not newer than the review's deletion.
select
    reviews.review_key,
    reviews.version_at,
    deletions.deleted_at
from {{ ref('fct_reviews') }} as reviews
inner join {{ ref('fct_deleted_reviews') }} as deletions on reviews.review_key = deletions.review_key
where reviews.version_at <= deletions.deleted_at
