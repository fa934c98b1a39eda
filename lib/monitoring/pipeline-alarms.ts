import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AlarmDefinition } from './alarm-definition';

export interface PipelineAlarmsProps {
  /** First part of the alarms' names. */
  readonly prefix: string;
  readonly definitions: Readonly<Record<string, AlarmDefinition>>;
  readonly topic: ITopic;
}

/** One alarm for each definition, which call the same people. */
export class PipelineAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    const action = new SnsAction(props.topic);
    this.alarms = Object.entries(props.definitions).map(([name, definition]) => {
      const alarm = new Alarm(this, name, {
        alarmName: `${props.prefix}-${name}`,
        alarmDescription: definition.description,
        metric: definition.metric,
        threshold: definition.threshold,
        ...behaviourOf(definition),
      });
      if (definition.calls ?? true) alarm.addAlarmAction(action);
      return alarm;
    });
  }
}

function behaviourOf({ expectedWithinPeriods, holdsBetweenValues }: AlarmDefinition) {
  return expectedWithinPeriods === undefined
    ? {
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        // Where no files arrive there is no data, which is not a failure.
        treatMissingData: holdsBetweenValues ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
      }
    : {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: expectedWithinPeriods,
        treatMissingData: TreatMissingData.BREACHING,
      };
}
