import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';

export interface CostGuardProps {
  /** Name of the budget. */
  readonly name: string;
  readonly usdPerDay: number;
  /** Who is written to. */
  readonly emails: readonly string[];
  /** Tags of every resource, by which its cost is found. */
  readonly tags: Settings['tags'];
}

/** Writes to people when a day costs more than it should. "Managing your costs with AWS Budgets", AWS Cost Management User Guide. */
export class CostGuard extends Construct {
  constructor(scope: Construct, id: string, props: CostGuardProps) {
    super(scope, id);
    const { name, usdPerDay, emails, tags } = props;
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: name,
        budgetType: 'COST',
        timeUnit: 'DAILY',
        budgetLimit: { amount: usdPerDay, unit: 'USD' },
        costFilters: { TagKeyValue: Object.entries(tags).map(([key, value]) => `user:${key}$${value}`) },
      },
      notificationsWithSubscribers: [
        {
          notification: { notificationType: 'ACTUAL', comparisonOperator: 'GREATER_THAN', threshold: 100 },
          subscribers: emails.map((address) => ({ subscriptionType: 'EMAIL', address })),
        },
      ],
    });
  }
}
