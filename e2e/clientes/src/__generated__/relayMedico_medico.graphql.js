/**
 * @generated SignedSource<<8666aaa8b2d1d251a5e1465537d29bdb>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

import relayMedicoRefetchQuery_graphql from './relayMedicoRefetchQuery.graphql';

var node = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": {
    "refetch": {
      "connection": null,
      "fragmentPathInResult": [
        "node"
      ],
      "operation": relayMedicoRefetchQuery_graphql,
      "identifierInfo": {
        "identifierField": "id",
        "identifierQueryVariableName": "id"
      }
    }
  },
  "name": "relayMedico_medico",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "nome",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "crm",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "id",
      "storageKey": null
    }
  ],
  "type": "Medico",
  "abstractKey": null
};

node.hash = "b25e37f4d36b5a2ecd12e5ff41fbc483";

export default node;
