from published import *
def test_try(new_warehouse):
    w=new_warehouse()
    w.publish(Batch(at(18),[File('a.json',[Review('r1',rating=4.0),Review('r2',rating=5.0,reviewer_id='u2',media=2,tags=['x']),Review('r3','p2','u2',rating=1.5,created_at=at(2))],[Rejection(),Rejection(['RATING_INVALID','MISSING_ID'])],1),File('e.json',end='EMPTY')]))
    r=w.dbt('build'); print(r.output[-6000:])
    assert r.exit_code==0
