import type { Presentation as Answer } from '../answers';
import { Bars, Trend } from './charts';
import { count, rating } from './format';
import { Scroll } from './parts';

/** What the presentation tables say: products, ratings over time, reviews per day. */
export const Presentation = ({ answer: { products, ratingTrend, volume } }: { answer: Answer }) => (
  <div class="columns">
    <div class="column">
      <h3>Most reviewed products</h3>
      <Scroll label="Most reviewed products">
        <table>
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col">Source</th>
              <th scope="col" class="right">
                Reviews
              </th>
              <th scope="col" class="right">
                Rating
              </th>
            </tr>
          </thead>
          <tbody>
            {products.map(({ product, source, reviews, averageRating }) => (
              <tr key={source + product}>
                <th scope="row" class="clip" title={product}>
                  {product}
                </th>
                <td>{source}</td>
                <td class="right">{count(reviews)}</td>
                <td class="right">{rating(averageRating)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
    <div class="column">
      <h3>Average rating by month of the review</h3>
      <Trend
        points={ratingTrend.map(({ month, averageRating }) => ({ day: month, value: averageRating }))}
        low={1}
        high={5}
      />
      <h3>Reviews by day, the newest {volume.length} days that have any</h3>
      <Bars points={volume.map(({ day, reviews }) => ({ day, value: reviews }))} />
    </div>
  </div>
);
