// @ts-nocheck: code of ajv
// Made by scripts/generate.mjs from schemas/; do not edit.

export const validateMetadata = validate10;
const schema11 = {"type":"object","required":["name"],"properties":{"name":{"type":"string"},"namespace":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}},"annotations":{"type":"object","additionalProperties":{"type":"string"}},"uid":{"type":"string"},"generation":{"type":"integer"},"set":{"type":"string"},"createdAt":{"type":"string"},"origin":{"type":"object"}},"additionalProperties":false};
const func2 = Object.prototype.hasOwnProperty;

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema11.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.name !== undefined){
if(typeof data.name !== "string"){
const err2 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.namespace !== undefined){
if(typeof data.namespace !== "string"){
const err3 = {instancePath:instancePath+"/namespace",schemaPath:"#/properties/namespace/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.labels !== undefined){
let data2 = data.labels;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key1 in data2){
if(typeof data2[key1] !== "string"){
const err4 = {instancePath:instancePath+"/labels/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
}
else {
const err5 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.annotations !== undefined){
let data4 = data.annotations;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key2 in data4){
if(typeof data4[key2] !== "string"){
const err6 = {instancePath:instancePath+"/annotations/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/annotations",schemaPath:"#/properties/annotations/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.uid !== undefined){
if(typeof data.uid !== "string"){
const err8 = {instancePath:instancePath+"/uid",schemaPath:"#/properties/uid/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.generation !== undefined){
let data7 = data.generation;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err9 = {instancePath:instancePath+"/generation",schemaPath:"#/properties/generation/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.set !== undefined){
if(typeof data.set !== "string"){
const err10 = {instancePath:instancePath+"/set",schemaPath:"#/properties/set/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.createdAt !== undefined){
if(typeof data.createdAt !== "string"){
const err11 = {instancePath:instancePath+"/createdAt",schemaPath:"#/properties/createdAt/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.origin !== undefined){
let data10 = data.origin;
if(!(data10 && typeof data10 == "object" && !Array.isArray(data10))){
const err12 = {instancePath:instancePath+"/origin",schemaPath:"#/properties/origin/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}

export const validateContainer = validate11;
const schema12 = {"type":"object","required":["image"],"properties":{"image":{"type":"string"},"imagePullPolicy":{"type":"string","enum":["IfNotPresent","Always","Never"]},"platform":false,"command":{"type":["array","string"],"items":{"type":"string"}},"args":{"type":["array","string"],"items":{"type":"string"}},"workingDir":{"type":"string"},"hostname":{"type":"string"},"domainname":{"type":"string"},"env":{"type":["object","array"],"additionalProperties":{"type":["string","object"],"properties":{"secret":false,"config":false,"field":false,"key":false},"additionalProperties":false},"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"string"},"valueFrom":false},"additionalProperties":false}},"envFrom":false,"user":{"type":["string","integer"]},"groups":{"type":"array","items":{"type":["string","integer"]}},"tty":{"type":"boolean"},"stdin":{"type":"boolean"},"init":{"type":"boolean"},"ports":{"type":"array","items":{"type":["object","string","integer"],"required":["containerPort"],"properties":{"name":{"type":"string"},"containerPort":{"type":"integer"},"hostPort":{"type":"integer"},"hostIP":{"type":"string"},"protocol":{"type":"string","enum":["TCP","UDP","tcp","udp"]},"exposure":false},"additionalProperties":false}},"networks":{"type":["array","object"],"additionalProperties":{"type":["object","null"],"properties":{"ipv4":{"type":"string"},"ipv6":false,"mac":false,"aliases":{"type":"array","items":{"type":"string"}},"interface":false,"priority":false},"additionalProperties":false},"items":{"type":"string"}},"networkMode":{"type":"string","enum":["bridge","host","none"]},"hostAliases":false,"dns":false,"mounts":{"type":"array","items":{"type":["object","string"],"required":["path"],"properties":{"volume":{"type":"string"},"config":{"type":"string"},"secret":{"type":"string"},"hostPath":{"type":"string"},"tmpfs":{"type":["object","null"],"properties":{"size":{"type":["string","number"]},"mode":{"type":["string","integer"]}},"additionalProperties":false},"image":false,"path":{"type":"string"},"subPath":{"type":"string"},"readOnly":{"type":"boolean"},"size":{"type":["string","number"]},"mode":{"type":["string","integer"]},"create":{"type":"boolean"},"uid":{"type":"integer"},"gid":{"type":"integer"},"onChange":false},"additionalProperties":false}},"resources":{"type":"object","properties":{"limits":{"type":"object","properties":{"cpu":{"type":["string","number"]},"memory":{"type":["string","number"]},"pids":{"type":"integer","minimum":1},"swap":false,"cpuset":false,"io":false},"additionalProperties":false},"requests":false},"additionalProperties":false},"security":{"type":"string","enum":["baseline","privileged"]},"securityContext":{"type":"object","properties":{"runAsUser":{"type":"integer","minimum":0,"maximum":4294967294},"runAsGroup":{"type":"integer","minimum":0,"maximum":4294967294},"runAsNonRoot":{"type":"boolean"},"readOnlyRootFilesystem":{"type":"boolean"},"privileged":{"type":"boolean"},"allowPrivilegeEscalation":{"type":"boolean"},"capabilities":{"type":"object","properties":{"add":{"type":"array","items":{"type":"string"}},"drop":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},"seccompProfile":{"type":"object","properties":{"type":{"type":"string","enum":["RuntimeDefault","Unconfined"]}},"additionalProperties":false},"appArmorProfile":false,"userNamespace":false,"sysctls":{"type":"object","additionalProperties":{"type":"string"}}},"additionalProperties":false},"hostPID":false,"hostIPC":false,"ulimits":false,"oomScoreAdj":false,"shmSize":{"type":["string","number"]},"devices":false,"gpus":false,"startupProbe":false,"readinessProbe":false,"livenessProbe":false,"healthcheck":false,"restartPolicy":{"type":"string","enum":["Always","OnFailure","Never"]},"restartBackoff":{"type":"object","properties":{"initial":{"type":["string","number"]},"max":{"type":["string","number"]},"reset":{"type":["string","number"]}},"additionalProperties":false},"maxRestarts":{"type":"integer","minimum":0},"stopSignal":{"type":["string","integer"]},"terminationGracePeriodSeconds":{"type":["number","string"]},"lifecycle":false,"dependsOn":{"type":["array","object"],"additionalProperties":{"type":["object","null"],"properties":{"condition":{"type":"string","enum":["Started"]},"restart":false,"timeout":{"type":["string","number"]}},"additionalProperties":false},"items":{"type":"string"}},"initContainers":false,"sidecars":false,"replicas":{"type":"integer","minimum":0,"maximum":1000},"strategy":{"type":"object","properties":{"type":{"type":"string","enum":["Recreate"]},"maxSurge":false,"maxUnavailable":false,"minReady":false,"deadline":false,"drain":false,"onFailure":false},"additionalProperties":false},"autoUpdate":false,"logging":{"type":"object","properties":{"driver":{"type":"string","enum":["file"]},"maxSize":{"type":["string","number"]},"maxFiles":{"type":"integer","minimum":1,"maximum":100},"keepOld":{"type":"integer","minimum":0,"maximum":100}},"additionalProperties":false},"runtime":false,"state":{"type":"string","enum":["Running","Stopped"]}},"additionalProperties":false};

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.image === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "image"},message:"must have required property '"+"image"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema12.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.image !== undefined){
if(typeof data.image !== "string"){
const err2 = {instancePath:instancePath+"/image",schemaPath:"#/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.imagePullPolicy !== undefined){
let data1 = data.imagePullPolicy;
if(typeof data1 !== "string"){
const err3 = {instancePath:instancePath+"/imagePullPolicy",schemaPath:"#/properties/imagePullPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!(((data1 === "IfNotPresent") || (data1 === "Always")) || (data1 === "Never"))){
const err4 = {instancePath:instancePath+"/imagePullPolicy",schemaPath:"#/properties/imagePullPolicy/enum",keyword:"enum",params:{allowedValues: schema12.properties.imagePullPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.platform !== undefined){
const err5 = {instancePath:instancePath+"/platform",schemaPath:"#/properties/platform/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data.command !== undefined){
let data3 = data.command;
if((!(Array.isArray(data3))) && (typeof data3 !== "string")){
const err6 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/type",keyword:"type",params:{type: schema12.properties.command.type},message:"must be array,string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(typeof data3[i0] !== "string"){
const err7 = {instancePath:instancePath+"/command/" + i0,schemaPath:"#/properties/command/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
}
if(data.args !== undefined){
let data5 = data.args;
if((!(Array.isArray(data5))) && (typeof data5 !== "string")){
const err8 = {instancePath:instancePath+"/args",schemaPath:"#/properties/args/type",keyword:"type",params:{type: schema12.properties.args.type},message:"must be array,string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(Array.isArray(data5)){
const len1 = data5.length;
for(let i1=0; i1<len1; i1++){
if(typeof data5[i1] !== "string"){
const err9 = {instancePath:instancePath+"/args/" + i1,schemaPath:"#/properties/args/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
}
if(data.workingDir !== undefined){
if(typeof data.workingDir !== "string"){
const err10 = {instancePath:instancePath+"/workingDir",schemaPath:"#/properties/workingDir/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.hostname !== undefined){
if(typeof data.hostname !== "string"){
const err11 = {instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.domainname !== undefined){
if(typeof data.domainname !== "string"){
const err12 = {instancePath:instancePath+"/domainname",schemaPath:"#/properties/domainname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.env !== undefined){
let data10 = data.env;
if(!data10 || typeof data10 != "object"){
const err13 = {instancePath:instancePath+"/env",schemaPath:"#/properties/env/type",keyword:"type",params:{type: schema12.properties.env.type},message:"must be object,array"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(Array.isArray(data10)){
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
let data11 = data10[i2];
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
if(data11.name === undefined){
const err14 = {instancePath:instancePath+"/env/" + i2,schemaPath:"#/properties/env/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
for(const key1 in data11){
if(!(((key1 === "name") || (key1 === "value")) || (key1 === "valueFrom"))){
const err15 = {instancePath:instancePath+"/env/" + i2,schemaPath:"#/properties/env/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data11.name !== undefined){
if(typeof data11.name !== "string"){
const err16 = {instancePath:instancePath+"/env/" + i2+"/name",schemaPath:"#/properties/env/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data11.value !== undefined){
if(typeof data11.value !== "string"){
const err17 = {instancePath:instancePath+"/env/" + i2+"/value",schemaPath:"#/properties/env/items/properties/value/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data11.valueFrom !== undefined){
const err18 = {instancePath:instancePath+"/env/" + i2+"/valueFrom",schemaPath:"#/properties/env/items/properties/valueFrom/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
else {
const err19 = {instancePath:instancePath+"/env/" + i2,schemaPath:"#/properties/env/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
for(const key2 in data10){
let data15 = data10[key2];
if((typeof data15 !== "string") && (!(data15 && typeof data15 == "object" && !Array.isArray(data15)))){
const err20 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/env/additionalProperties/type",keyword:"type",params:{type: schema12.properties.env.additionalProperties.type},message:"must be string,object"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key3 in data15){
if(!((((key3 === "secret") || (key3 === "config")) || (key3 === "field")) || (key3 === "key"))){
const err21 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/env/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data15.secret !== undefined){
const err22 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/secret",schemaPath:"#/properties/env/additionalProperties/properties/secret/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
if(data15.config !== undefined){
const err23 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/config",schemaPath:"#/properties/env/additionalProperties/properties/config/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(data15.field !== undefined){
const err24 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/field",schemaPath:"#/properties/env/additionalProperties/properties/field/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if(data15.key !== undefined){
const err25 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/key",schemaPath:"#/properties/env/additionalProperties/properties/key/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
}
}
if(data.envFrom !== undefined){
const err26 = {instancePath:instancePath+"/envFrom",schemaPath:"#/properties/envFrom/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(data.user !== undefined){
let data21 = data.user;
if((typeof data21 !== "string") && (!(((typeof data21 == "number") && (!(data21 % 1) && !isNaN(data21))) && (isFinite(data21))))){
const err27 = {instancePath:instancePath+"/user",schemaPath:"#/properties/user/type",keyword:"type",params:{type: schema12.properties.user.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
if(data.groups !== undefined){
let data22 = data.groups;
if(Array.isArray(data22)){
const len3 = data22.length;
for(let i3=0; i3<len3; i3++){
let data23 = data22[i3];
if((typeof data23 !== "string") && (!(((typeof data23 == "number") && (!(data23 % 1) && !isNaN(data23))) && (isFinite(data23))))){
const err28 = {instancePath:instancePath+"/groups/" + i3,schemaPath:"#/properties/groups/items/type",keyword:"type",params:{type: schema12.properties.groups.items.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/groups",schemaPath:"#/properties/groups/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data.tty !== undefined){
if(typeof data.tty !== "boolean"){
const err30 = {instancePath:instancePath+"/tty",schemaPath:"#/properties/tty/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data.stdin !== undefined){
if(typeof data.stdin !== "boolean"){
const err31 = {instancePath:instancePath+"/stdin",schemaPath:"#/properties/stdin/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
if(data.init !== undefined){
if(typeof data.init !== "boolean"){
const err32 = {instancePath:instancePath+"/init",schemaPath:"#/properties/init/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data.ports !== undefined){
let data27 = data.ports;
if(Array.isArray(data27)){
const len4 = data27.length;
for(let i4=0; i4<len4; i4++){
let data28 = data27[i4];
if(((!(data28 && typeof data28 == "object" && !Array.isArray(data28))) && (typeof data28 !== "string")) && (!(((typeof data28 == "number") && (!(data28 % 1) && !isNaN(data28))) && (isFinite(data28))))){
const err33 = {instancePath:instancePath+"/ports/" + i4,schemaPath:"#/properties/ports/items/type",keyword:"type",params:{type: schema12.properties.ports.items.type},message:"must be object,string,integer"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
if(data28.containerPort === undefined){
const err34 = {instancePath:instancePath+"/ports/" + i4,schemaPath:"#/properties/ports/items/required",keyword:"required",params:{missingProperty: "containerPort"},message:"must have required property '"+"containerPort"+"'"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
for(const key4 in data28){
if(!((((((key4 === "name") || (key4 === "containerPort")) || (key4 === "hostPort")) || (key4 === "hostIP")) || (key4 === "protocol")) || (key4 === "exposure"))){
const err35 = {instancePath:instancePath+"/ports/" + i4,schemaPath:"#/properties/ports/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
if(data28.name !== undefined){
if(typeof data28.name !== "string"){
const err36 = {instancePath:instancePath+"/ports/" + i4+"/name",schemaPath:"#/properties/ports/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
if(data28.containerPort !== undefined){
let data30 = data28.containerPort;
if(!(((typeof data30 == "number") && (!(data30 % 1) && !isNaN(data30))) && (isFinite(data30)))){
const err37 = {instancePath:instancePath+"/ports/" + i4+"/containerPort",schemaPath:"#/properties/ports/items/properties/containerPort/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
if(data28.hostPort !== undefined){
let data31 = data28.hostPort;
if(!(((typeof data31 == "number") && (!(data31 % 1) && !isNaN(data31))) && (isFinite(data31)))){
const err38 = {instancePath:instancePath+"/ports/" + i4+"/hostPort",schemaPath:"#/properties/ports/items/properties/hostPort/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
if(data28.hostIP !== undefined){
if(typeof data28.hostIP !== "string"){
const err39 = {instancePath:instancePath+"/ports/" + i4+"/hostIP",schemaPath:"#/properties/ports/items/properties/hostIP/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
if(data28.protocol !== undefined){
let data33 = data28.protocol;
if(typeof data33 !== "string"){
const err40 = {instancePath:instancePath+"/ports/" + i4+"/protocol",schemaPath:"#/properties/ports/items/properties/protocol/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
if(!((((data33 === "TCP") || (data33 === "UDP")) || (data33 === "tcp")) || (data33 === "udp"))){
const err41 = {instancePath:instancePath+"/ports/" + i4+"/protocol",schemaPath:"#/properties/ports/items/properties/protocol/enum",keyword:"enum",params:{allowedValues: schema12.properties.ports.items.properties.protocol.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data28.exposure !== undefined){
const err42 = {instancePath:instancePath+"/ports/" + i4+"/exposure",schemaPath:"#/properties/ports/items/properties/exposure/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
}
}
else {
const err43 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data.networks !== undefined){
let data35 = data.networks;
if(!data35 || typeof data35 != "object"){
const err44 = {instancePath:instancePath+"/networks",schemaPath:"#/properties/networks/type",keyword:"type",params:{type: schema12.properties.networks.type},message:"must be array,object"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
if(Array.isArray(data35)){
const len5 = data35.length;
for(let i5=0; i5<len5; i5++){
if(typeof data35[i5] !== "string"){
const err45 = {instancePath:instancePath+"/networks/" + i5,schemaPath:"#/properties/networks/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
for(const key5 in data35){
let data37 = data35[key5];
if((!(data37 && typeof data37 == "object" && !Array.isArray(data37))) && (data37 !== null)){
const err46 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/networks/additionalProperties/type",keyword:"type",params:{type: schema12.properties.networks.additionalProperties.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
if(data37 && typeof data37 == "object" && !Array.isArray(data37)){
for(const key6 in data37){
if(!((((((key6 === "ipv4") || (key6 === "ipv6")) || (key6 === "mac")) || (key6 === "aliases")) || (key6 === "interface")) || (key6 === "priority"))){
const err47 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/networks/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data37.ipv4 !== undefined){
if(typeof data37.ipv4 !== "string"){
const err48 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/ipv4",schemaPath:"#/properties/networks/additionalProperties/properties/ipv4/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data37.ipv6 !== undefined){
const err49 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/ipv6",schemaPath:"#/properties/networks/additionalProperties/properties/ipv6/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
if(data37.mac !== undefined){
const err50 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/mac",schemaPath:"#/properties/networks/additionalProperties/properties/mac/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
if(data37.aliases !== undefined){
let data41 = data37.aliases;
if(Array.isArray(data41)){
const len6 = data41.length;
for(let i6=0; i6<len6; i6++){
if(typeof data41[i6] !== "string"){
const err51 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/aliases/" + i6,schemaPath:"#/properties/networks/additionalProperties/properties/aliases/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
}
else {
const err52 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/aliases",schemaPath:"#/properties/networks/additionalProperties/properties/aliases/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
if(data37.interface !== undefined){
const err53 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/interface",schemaPath:"#/properties/networks/additionalProperties/properties/interface/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
if(data37.priority !== undefined){
const err54 = {instancePath:instancePath+"/networks/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/priority",schemaPath:"#/properties/networks/additionalProperties/properties/priority/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
}
}
}
if(data.networkMode !== undefined){
let data45 = data.networkMode;
if(typeof data45 !== "string"){
const err55 = {instancePath:instancePath+"/networkMode",schemaPath:"#/properties/networkMode/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
if(!(((data45 === "bridge") || (data45 === "host")) || (data45 === "none"))){
const err56 = {instancePath:instancePath+"/networkMode",schemaPath:"#/properties/networkMode/enum",keyword:"enum",params:{allowedValues: schema12.properties.networkMode.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data.hostAliases !== undefined){
const err57 = {instancePath:instancePath+"/hostAliases",schemaPath:"#/properties/hostAliases/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
if(data.dns !== undefined){
const err58 = {instancePath:instancePath+"/dns",schemaPath:"#/properties/dns/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
if(data.mounts !== undefined){
let data48 = data.mounts;
if(Array.isArray(data48)){
const len7 = data48.length;
for(let i7=0; i7<len7; i7++){
let data49 = data48[i7];
if((!(data49 && typeof data49 == "object" && !Array.isArray(data49))) && (typeof data49 !== "string")){
const err59 = {instancePath:instancePath+"/mounts/" + i7,schemaPath:"#/properties/mounts/items/type",keyword:"type",params:{type: schema12.properties.mounts.items.type},message:"must be object,string"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if(data49 && typeof data49 == "object" && !Array.isArray(data49)){
if(data49.path === undefined){
const err60 = {instancePath:instancePath+"/mounts/" + i7,schemaPath:"#/properties/mounts/items/required",keyword:"required",params:{missingProperty: "path"},message:"must have required property '"+"path"+"'"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
for(const key7 in data49){
if(!(func2.call(schema12.properties.mounts.items.properties, key7))){
const err61 = {instancePath:instancePath+"/mounts/" + i7,schemaPath:"#/properties/mounts/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data49.volume !== undefined){
if(typeof data49.volume !== "string"){
const err62 = {instancePath:instancePath+"/mounts/" + i7+"/volume",schemaPath:"#/properties/mounts/items/properties/volume/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data49.config !== undefined){
if(typeof data49.config !== "string"){
const err63 = {instancePath:instancePath+"/mounts/" + i7+"/config",schemaPath:"#/properties/mounts/items/properties/config/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data49.secret !== undefined){
if(typeof data49.secret !== "string"){
const err64 = {instancePath:instancePath+"/mounts/" + i7+"/secret",schemaPath:"#/properties/mounts/items/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data49.hostPath !== undefined){
if(typeof data49.hostPath !== "string"){
const err65 = {instancePath:instancePath+"/mounts/" + i7+"/hostPath",schemaPath:"#/properties/mounts/items/properties/hostPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
if(data49.tmpfs !== undefined){
let data54 = data49.tmpfs;
if((!(data54 && typeof data54 == "object" && !Array.isArray(data54))) && (data54 !== null)){
const err66 = {instancePath:instancePath+"/mounts/" + i7+"/tmpfs",schemaPath:"#/properties/mounts/items/properties/tmpfs/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.tmpfs.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
if(data54 && typeof data54 == "object" && !Array.isArray(data54)){
for(const key8 in data54){
if(!((key8 === "size") || (key8 === "mode"))){
const err67 = {instancePath:instancePath+"/mounts/" + i7+"/tmpfs",schemaPath:"#/properties/mounts/items/properties/tmpfs/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
if(data54.size !== undefined){
let data55 = data54.size;
if((typeof data55 !== "string") && (!((typeof data55 == "number") && (isFinite(data55))))){
const err68 = {instancePath:instancePath+"/mounts/" + i7+"/tmpfs/size",schemaPath:"#/properties/mounts/items/properties/tmpfs/properties/size/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.tmpfs.properties.size.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
if(data54.mode !== undefined){
let data56 = data54.mode;
if((typeof data56 !== "string") && (!(((typeof data56 == "number") && (!(data56 % 1) && !isNaN(data56))) && (isFinite(data56))))){
const err69 = {instancePath:instancePath+"/mounts/" + i7+"/tmpfs/mode",schemaPath:"#/properties/mounts/items/properties/tmpfs/properties/mode/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.tmpfs.properties.mode.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
}
}
if(data49.image !== undefined){
const err70 = {instancePath:instancePath+"/mounts/" + i7+"/image",schemaPath:"#/properties/mounts/items/properties/image/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
if(data49.path !== undefined){
if(typeof data49.path !== "string"){
const err71 = {instancePath:instancePath+"/mounts/" + i7+"/path",schemaPath:"#/properties/mounts/items/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
if(data49.subPath !== undefined){
if(typeof data49.subPath !== "string"){
const err72 = {instancePath:instancePath+"/mounts/" + i7+"/subPath",schemaPath:"#/properties/mounts/items/properties/subPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
}
if(data49.readOnly !== undefined){
if(typeof data49.readOnly !== "boolean"){
const err73 = {instancePath:instancePath+"/mounts/" + i7+"/readOnly",schemaPath:"#/properties/mounts/items/properties/readOnly/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data49.size !== undefined){
let data61 = data49.size;
if((typeof data61 !== "string") && (!((typeof data61 == "number") && (isFinite(data61))))){
const err74 = {instancePath:instancePath+"/mounts/" + i7+"/size",schemaPath:"#/properties/mounts/items/properties/size/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.size.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data49.mode !== undefined){
let data62 = data49.mode;
if((typeof data62 !== "string") && (!(((typeof data62 == "number") && (!(data62 % 1) && !isNaN(data62))) && (isFinite(data62))))){
const err75 = {instancePath:instancePath+"/mounts/" + i7+"/mode",schemaPath:"#/properties/mounts/items/properties/mode/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.mode.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
}
if(data49.create !== undefined){
if(typeof data49.create !== "boolean"){
const err76 = {instancePath:instancePath+"/mounts/" + i7+"/create",schemaPath:"#/properties/mounts/items/properties/create/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
}
if(data49.uid !== undefined){
let data64 = data49.uid;
if(!(((typeof data64 == "number") && (!(data64 % 1) && !isNaN(data64))) && (isFinite(data64)))){
const err77 = {instancePath:instancePath+"/mounts/" + i7+"/uid",schemaPath:"#/properties/mounts/items/properties/uid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
if(data49.gid !== undefined){
let data65 = data49.gid;
if(!(((typeof data65 == "number") && (!(data65 % 1) && !isNaN(data65))) && (isFinite(data65)))){
const err78 = {instancePath:instancePath+"/mounts/" + i7+"/gid",schemaPath:"#/properties/mounts/items/properties/gid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data49.onChange !== undefined){
const err79 = {instancePath:instancePath+"/mounts/" + i7+"/onChange",schemaPath:"#/properties/mounts/items/properties/onChange/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
}
}
}
else {
const err80 = {instancePath:instancePath+"/mounts",schemaPath:"#/properties/mounts/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
if(data.resources !== undefined){
let data67 = data.resources;
if(data67 && typeof data67 == "object" && !Array.isArray(data67)){
for(const key9 in data67){
if(!((key9 === "limits") || (key9 === "requests"))){
const err81 = {instancePath:instancePath+"/resources",schemaPath:"#/properties/resources/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
if(data67.limits !== undefined){
let data68 = data67.limits;
if(data68 && typeof data68 == "object" && !Array.isArray(data68)){
for(const key10 in data68){
if(!((((((key10 === "cpu") || (key10 === "memory")) || (key10 === "pids")) || (key10 === "swap")) || (key10 === "cpuset")) || (key10 === "io"))){
const err82 = {instancePath:instancePath+"/resources/limits",schemaPath:"#/properties/resources/properties/limits/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data68.cpu !== undefined){
let data69 = data68.cpu;
if((typeof data69 !== "string") && (!((typeof data69 == "number") && (isFinite(data69))))){
const err83 = {instancePath:instancePath+"/resources/limits/cpu",schemaPath:"#/properties/resources/properties/limits/properties/cpu/type",keyword:"type",params:{type: schema12.properties.resources.properties.limits.properties.cpu.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
if(data68.memory !== undefined){
let data70 = data68.memory;
if((typeof data70 !== "string") && (!((typeof data70 == "number") && (isFinite(data70))))){
const err84 = {instancePath:instancePath+"/resources/limits/memory",schemaPath:"#/properties/resources/properties/limits/properties/memory/type",keyword:"type",params:{type: schema12.properties.resources.properties.limits.properties.memory.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
if(data68.pids !== undefined){
let data71 = data68.pids;
if(!(((typeof data71 == "number") && (!(data71 % 1) && !isNaN(data71))) && (isFinite(data71)))){
const err85 = {instancePath:instancePath+"/resources/limits/pids",schemaPath:"#/properties/resources/properties/limits/properties/pids/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
if((typeof data71 == "number") && (isFinite(data71))){
if(data71 < 1 || isNaN(data71)){
const err86 = {instancePath:instancePath+"/resources/limits/pids",schemaPath:"#/properties/resources/properties/limits/properties/pids/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
}
if(data68.swap !== undefined){
const err87 = {instancePath:instancePath+"/resources/limits/swap",schemaPath:"#/properties/resources/properties/limits/properties/swap/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
if(data68.cpuset !== undefined){
const err88 = {instancePath:instancePath+"/resources/limits/cpuset",schemaPath:"#/properties/resources/properties/limits/properties/cpuset/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
if(data68.io !== undefined){
const err89 = {instancePath:instancePath+"/resources/limits/io",schemaPath:"#/properties/resources/properties/limits/properties/io/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
else {
const err90 = {instancePath:instancePath+"/resources/limits",schemaPath:"#/properties/resources/properties/limits/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
if(data67.requests !== undefined){
const err91 = {instancePath:instancePath+"/resources/requests",schemaPath:"#/properties/resources/properties/requests/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
else {
const err92 = {instancePath:instancePath+"/resources",schemaPath:"#/properties/resources/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data.security !== undefined){
let data76 = data.security;
if(typeof data76 !== "string"){
const err93 = {instancePath:instancePath+"/security",schemaPath:"#/properties/security/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
if(!((data76 === "baseline") || (data76 === "privileged"))){
const err94 = {instancePath:instancePath+"/security",schemaPath:"#/properties/security/enum",keyword:"enum",params:{allowedValues: schema12.properties.security.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
if(data.securityContext !== undefined){
let data77 = data.securityContext;
if(data77 && typeof data77 == "object" && !Array.isArray(data77)){
for(const key11 in data77){
if(!(func2.call(schema12.properties.securityContext.properties, key11))){
const err95 = {instancePath:instancePath+"/securityContext",schemaPath:"#/properties/securityContext/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data77.runAsUser !== undefined){
let data78 = data77.runAsUser;
if(!(((typeof data78 == "number") && (!(data78 % 1) && !isNaN(data78))) && (isFinite(data78)))){
const err96 = {instancePath:instancePath+"/securityContext/runAsUser",schemaPath:"#/properties/securityContext/properties/runAsUser/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
if((typeof data78 == "number") && (isFinite(data78))){
if(data78 > 4294967294 || isNaN(data78)){
const err97 = {instancePath:instancePath+"/securityContext/runAsUser",schemaPath:"#/properties/securityContext/properties/runAsUser/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
if(data78 < 0 || isNaN(data78)){
const err98 = {instancePath:instancePath+"/securityContext/runAsUser",schemaPath:"#/properties/securityContext/properties/runAsUser/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
}
if(data77.runAsGroup !== undefined){
let data79 = data77.runAsGroup;
if(!(((typeof data79 == "number") && (!(data79 % 1) && !isNaN(data79))) && (isFinite(data79)))){
const err99 = {instancePath:instancePath+"/securityContext/runAsGroup",schemaPath:"#/properties/securityContext/properties/runAsGroup/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
if((typeof data79 == "number") && (isFinite(data79))){
if(data79 > 4294967294 || isNaN(data79)){
const err100 = {instancePath:instancePath+"/securityContext/runAsGroup",schemaPath:"#/properties/securityContext/properties/runAsGroup/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
if(data79 < 0 || isNaN(data79)){
const err101 = {instancePath:instancePath+"/securityContext/runAsGroup",schemaPath:"#/properties/securityContext/properties/runAsGroup/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
}
if(data77.runAsNonRoot !== undefined){
if(typeof data77.runAsNonRoot !== "boolean"){
const err102 = {instancePath:instancePath+"/securityContext/runAsNonRoot",schemaPath:"#/properties/securityContext/properties/runAsNonRoot/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data77.readOnlyRootFilesystem !== undefined){
if(typeof data77.readOnlyRootFilesystem !== "boolean"){
const err103 = {instancePath:instancePath+"/securityContext/readOnlyRootFilesystem",schemaPath:"#/properties/securityContext/properties/readOnlyRootFilesystem/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
if(data77.privileged !== undefined){
if(typeof data77.privileged !== "boolean"){
const err104 = {instancePath:instancePath+"/securityContext/privileged",schemaPath:"#/properties/securityContext/properties/privileged/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
if(data77.allowPrivilegeEscalation !== undefined){
if(typeof data77.allowPrivilegeEscalation !== "boolean"){
const err105 = {instancePath:instancePath+"/securityContext/allowPrivilegeEscalation",schemaPath:"#/properties/securityContext/properties/allowPrivilegeEscalation/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data77.capabilities !== undefined){
let data84 = data77.capabilities;
if(data84 && typeof data84 == "object" && !Array.isArray(data84)){
for(const key12 in data84){
if(!((key12 === "add") || (key12 === "drop"))){
const err106 = {instancePath:instancePath+"/securityContext/capabilities",schemaPath:"#/properties/securityContext/properties/capabilities/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key12},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
if(data84.add !== undefined){
let data85 = data84.add;
if(Array.isArray(data85)){
const len8 = data85.length;
for(let i8=0; i8<len8; i8++){
if(typeof data85[i8] !== "string"){
const err107 = {instancePath:instancePath+"/securityContext/capabilities/add/" + i8,schemaPath:"#/properties/securityContext/properties/capabilities/properties/add/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
}
else {
const err108 = {instancePath:instancePath+"/securityContext/capabilities/add",schemaPath:"#/properties/securityContext/properties/capabilities/properties/add/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
if(data84.drop !== undefined){
let data87 = data84.drop;
if(Array.isArray(data87)){
const len9 = data87.length;
for(let i9=0; i9<len9; i9++){
if(typeof data87[i9] !== "string"){
const err109 = {instancePath:instancePath+"/securityContext/capabilities/drop/" + i9,schemaPath:"#/properties/securityContext/properties/capabilities/properties/drop/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
}
else {
const err110 = {instancePath:instancePath+"/securityContext/capabilities/drop",schemaPath:"#/properties/securityContext/properties/capabilities/properties/drop/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
}
else {
const err111 = {instancePath:instancePath+"/securityContext/capabilities",schemaPath:"#/properties/securityContext/properties/capabilities/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
if(data77.seccompProfile !== undefined){
let data89 = data77.seccompProfile;
if(data89 && typeof data89 == "object" && !Array.isArray(data89)){
for(const key13 in data89){
if(!(key13 === "type")){
const err112 = {instancePath:instancePath+"/securityContext/seccompProfile",schemaPath:"#/properties/securityContext/properties/seccompProfile/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
if(data89.type !== undefined){
let data90 = data89.type;
if(typeof data90 !== "string"){
const err113 = {instancePath:instancePath+"/securityContext/seccompProfile/type",schemaPath:"#/properties/securityContext/properties/seccompProfile/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
if(!((data90 === "RuntimeDefault") || (data90 === "Unconfined"))){
const err114 = {instancePath:instancePath+"/securityContext/seccompProfile/type",schemaPath:"#/properties/securityContext/properties/seccompProfile/properties/type/enum",keyword:"enum",params:{allowedValues: schema12.properties.securityContext.properties.seccompProfile.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
}
else {
const err115 = {instancePath:instancePath+"/securityContext/seccompProfile",schemaPath:"#/properties/securityContext/properties/seccompProfile/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data77.appArmorProfile !== undefined){
const err116 = {instancePath:instancePath+"/securityContext/appArmorProfile",schemaPath:"#/properties/securityContext/properties/appArmorProfile/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
if(data77.userNamespace !== undefined){
const err117 = {instancePath:instancePath+"/securityContext/userNamespace",schemaPath:"#/properties/securityContext/properties/userNamespace/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
if(data77.sysctls !== undefined){
let data93 = data77.sysctls;
if(data93 && typeof data93 == "object" && !Array.isArray(data93)){
for(const key14 in data93){
if(typeof data93[key14] !== "string"){
const err118 = {instancePath:instancePath+"/securityContext/sysctls/" + key14.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/securityContext/properties/sysctls/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
}
else {
const err119 = {instancePath:instancePath+"/securityContext/sysctls",schemaPath:"#/properties/securityContext/properties/sysctls/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
}
}
else {
const err120 = {instancePath:instancePath+"/securityContext",schemaPath:"#/properties/securityContext/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
if(data.hostPID !== undefined){
const err121 = {instancePath:instancePath+"/hostPID",schemaPath:"#/properties/hostPID/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
if(data.hostIPC !== undefined){
const err122 = {instancePath:instancePath+"/hostIPC",schemaPath:"#/properties/hostIPC/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
if(data.ulimits !== undefined){
const err123 = {instancePath:instancePath+"/ulimits",schemaPath:"#/properties/ulimits/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
if(data.oomScoreAdj !== undefined){
const err124 = {instancePath:instancePath+"/oomScoreAdj",schemaPath:"#/properties/oomScoreAdj/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
if(data.shmSize !== undefined){
let data99 = data.shmSize;
if((typeof data99 !== "string") && (!((typeof data99 == "number") && (isFinite(data99))))){
const err125 = {instancePath:instancePath+"/shmSize",schemaPath:"#/properties/shmSize/type",keyword:"type",params:{type: schema12.properties.shmSize.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
if(data.devices !== undefined){
const err126 = {instancePath:instancePath+"/devices",schemaPath:"#/properties/devices/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
if(data.gpus !== undefined){
const err127 = {instancePath:instancePath+"/gpus",schemaPath:"#/properties/gpus/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
if(data.startupProbe !== undefined){
const err128 = {instancePath:instancePath+"/startupProbe",schemaPath:"#/properties/startupProbe/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
if(data.readinessProbe !== undefined){
const err129 = {instancePath:instancePath+"/readinessProbe",schemaPath:"#/properties/readinessProbe/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
if(data.livenessProbe !== undefined){
const err130 = {instancePath:instancePath+"/livenessProbe",schemaPath:"#/properties/livenessProbe/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
if(data.healthcheck !== undefined){
const err131 = {instancePath:instancePath+"/healthcheck",schemaPath:"#/properties/healthcheck/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
if(data.restartPolicy !== undefined){
let data106 = data.restartPolicy;
if(typeof data106 !== "string"){
const err132 = {instancePath:instancePath+"/restartPolicy",schemaPath:"#/properties/restartPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
if(!(((data106 === "Always") || (data106 === "OnFailure")) || (data106 === "Never"))){
const err133 = {instancePath:instancePath+"/restartPolicy",schemaPath:"#/properties/restartPolicy/enum",keyword:"enum",params:{allowedValues: schema12.properties.restartPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
}
if(data.restartBackoff !== undefined){
let data107 = data.restartBackoff;
if(data107 && typeof data107 == "object" && !Array.isArray(data107)){
for(const key15 in data107){
if(!(((key15 === "initial") || (key15 === "max")) || (key15 === "reset"))){
const err134 = {instancePath:instancePath+"/restartBackoff",schemaPath:"#/properties/restartBackoff/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
}
if(data107.initial !== undefined){
let data108 = data107.initial;
if((typeof data108 !== "string") && (!((typeof data108 == "number") && (isFinite(data108))))){
const err135 = {instancePath:instancePath+"/restartBackoff/initial",schemaPath:"#/properties/restartBackoff/properties/initial/type",keyword:"type",params:{type: schema12.properties.restartBackoff.properties.initial.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
}
if(data107.max !== undefined){
let data109 = data107.max;
if((typeof data109 !== "string") && (!((typeof data109 == "number") && (isFinite(data109))))){
const err136 = {instancePath:instancePath+"/restartBackoff/max",schemaPath:"#/properties/restartBackoff/properties/max/type",keyword:"type",params:{type: schema12.properties.restartBackoff.properties.max.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
}
if(data107.reset !== undefined){
let data110 = data107.reset;
if((typeof data110 !== "string") && (!((typeof data110 == "number") && (isFinite(data110))))){
const err137 = {instancePath:instancePath+"/restartBackoff/reset",schemaPath:"#/properties/restartBackoff/properties/reset/type",keyword:"type",params:{type: schema12.properties.restartBackoff.properties.reset.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
}
}
else {
const err138 = {instancePath:instancePath+"/restartBackoff",schemaPath:"#/properties/restartBackoff/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
if(data.maxRestarts !== undefined){
let data111 = data.maxRestarts;
if(!(((typeof data111 == "number") && (!(data111 % 1) && !isNaN(data111))) && (isFinite(data111)))){
const err139 = {instancePath:instancePath+"/maxRestarts",schemaPath:"#/properties/maxRestarts/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
if((typeof data111 == "number") && (isFinite(data111))){
if(data111 < 0 || isNaN(data111)){
const err140 = {instancePath:instancePath+"/maxRestarts",schemaPath:"#/properties/maxRestarts/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
}
}
if(data.stopSignal !== undefined){
let data112 = data.stopSignal;
if((typeof data112 !== "string") && (!(((typeof data112 == "number") && (!(data112 % 1) && !isNaN(data112))) && (isFinite(data112))))){
const err141 = {instancePath:instancePath+"/stopSignal",schemaPath:"#/properties/stopSignal/type",keyword:"type",params:{type: schema12.properties.stopSignal.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
}
if(data.terminationGracePeriodSeconds !== undefined){
let data113 = data.terminationGracePeriodSeconds;
if((!((typeof data113 == "number") && (isFinite(data113)))) && (typeof data113 !== "string")){
const err142 = {instancePath:instancePath+"/terminationGracePeriodSeconds",schemaPath:"#/properties/terminationGracePeriodSeconds/type",keyword:"type",params:{type: schema12.properties.terminationGracePeriodSeconds.type},message:"must be number,string"};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
if(data.lifecycle !== undefined){
const err143 = {instancePath:instancePath+"/lifecycle",schemaPath:"#/properties/lifecycle/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
if(data.dependsOn !== undefined){
let data115 = data.dependsOn;
if(!data115 || typeof data115 != "object"){
const err144 = {instancePath:instancePath+"/dependsOn",schemaPath:"#/properties/dependsOn/type",keyword:"type",params:{type: schema12.properties.dependsOn.type},message:"must be array,object"};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
if(Array.isArray(data115)){
const len10 = data115.length;
for(let i10=0; i10<len10; i10++){
if(typeof data115[i10] !== "string"){
const err145 = {instancePath:instancePath+"/dependsOn/" + i10,schemaPath:"#/properties/dependsOn/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
}
}
if(data115 && typeof data115 == "object" && !Array.isArray(data115)){
for(const key16 in data115){
let data117 = data115[key16];
if((!(data117 && typeof data117 == "object" && !Array.isArray(data117))) && (data117 !== null)){
const err146 = {instancePath:instancePath+"/dependsOn/" + key16.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/dependsOn/additionalProperties/type",keyword:"type",params:{type: schema12.properties.dependsOn.additionalProperties.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
if(data117 && typeof data117 == "object" && !Array.isArray(data117)){
for(const key17 in data117){
if(!(((key17 === "condition") || (key17 === "restart")) || (key17 === "timeout"))){
const err147 = {instancePath:instancePath+"/dependsOn/" + key16.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/dependsOn/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key17},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
}
if(data117.condition !== undefined){
let data118 = data117.condition;
if(typeof data118 !== "string"){
const err148 = {instancePath:instancePath+"/dependsOn/" + key16.replace(/~/g, "~0").replace(/\//g, "~1")+"/condition",schemaPath:"#/properties/dependsOn/additionalProperties/properties/condition/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
if(!(data118 === "Started")){
const err149 = {instancePath:instancePath+"/dependsOn/" + key16.replace(/~/g, "~0").replace(/\//g, "~1")+"/condition",schemaPath:"#/properties/dependsOn/additionalProperties/properties/condition/enum",keyword:"enum",params:{allowedValues: schema12.properties.dependsOn.additionalProperties.properties.condition.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
if(data117.restart !== undefined){
const err150 = {instancePath:instancePath+"/dependsOn/" + key16.replace(/~/g, "~0").replace(/\//g, "~1")+"/restart",schemaPath:"#/properties/dependsOn/additionalProperties/properties/restart/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
if(data117.timeout !== undefined){
let data120 = data117.timeout;
if((typeof data120 !== "string") && (!((typeof data120 == "number") && (isFinite(data120))))){
const err151 = {instancePath:instancePath+"/dependsOn/" + key16.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeout",schemaPath:"#/properties/dependsOn/additionalProperties/properties/timeout/type",keyword:"type",params:{type: schema12.properties.dependsOn.additionalProperties.properties.timeout.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
}
}
}
}
}
if(data.initContainers !== undefined){
const err152 = {instancePath:instancePath+"/initContainers",schemaPath:"#/properties/initContainers/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
if(data.sidecars !== undefined){
const err153 = {instancePath:instancePath+"/sidecars",schemaPath:"#/properties/sidecars/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
if(data.replicas !== undefined){
let data123 = data.replicas;
if(!(((typeof data123 == "number") && (!(data123 % 1) && !isNaN(data123))) && (isFinite(data123)))){
const err154 = {instancePath:instancePath+"/replicas",schemaPath:"#/properties/replicas/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
if((typeof data123 == "number") && (isFinite(data123))){
if(data123 > 1000 || isNaN(data123)){
const err155 = {instancePath:instancePath+"/replicas",schemaPath:"#/properties/replicas/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000"};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
if(data123 < 0 || isNaN(data123)){
const err156 = {instancePath:instancePath+"/replicas",schemaPath:"#/properties/replicas/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
}
}
if(data.strategy !== undefined){
let data124 = data.strategy;
if(data124 && typeof data124 == "object" && !Array.isArray(data124)){
for(const key18 in data124){
if(!(((((((key18 === "type") || (key18 === "maxSurge")) || (key18 === "maxUnavailable")) || (key18 === "minReady")) || (key18 === "deadline")) || (key18 === "drain")) || (key18 === "onFailure"))){
const err157 = {instancePath:instancePath+"/strategy",schemaPath:"#/properties/strategy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key18},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
}
if(data124.type !== undefined){
let data125 = data124.type;
if(typeof data125 !== "string"){
const err158 = {instancePath:instancePath+"/strategy/type",schemaPath:"#/properties/strategy/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
if(!(data125 === "Recreate")){
const err159 = {instancePath:instancePath+"/strategy/type",schemaPath:"#/properties/strategy/properties/type/enum",keyword:"enum",params:{allowedValues: schema12.properties.strategy.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
}
if(data124.maxSurge !== undefined){
const err160 = {instancePath:instancePath+"/strategy/maxSurge",schemaPath:"#/properties/strategy/properties/maxSurge/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
if(data124.maxUnavailable !== undefined){
const err161 = {instancePath:instancePath+"/strategy/maxUnavailable",schemaPath:"#/properties/strategy/properties/maxUnavailable/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
if(data124.minReady !== undefined){
const err162 = {instancePath:instancePath+"/strategy/minReady",schemaPath:"#/properties/strategy/properties/minReady/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
if(data124.deadline !== undefined){
const err163 = {instancePath:instancePath+"/strategy/deadline",schemaPath:"#/properties/strategy/properties/deadline/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
if(data124.drain !== undefined){
const err164 = {instancePath:instancePath+"/strategy/drain",schemaPath:"#/properties/strategy/properties/drain/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
if(data124.onFailure !== undefined){
const err165 = {instancePath:instancePath+"/strategy/onFailure",schemaPath:"#/properties/strategy/properties/onFailure/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
}
else {
const err166 = {instancePath:instancePath+"/strategy",schemaPath:"#/properties/strategy/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
}
if(data.autoUpdate !== undefined){
const err167 = {instancePath:instancePath+"/autoUpdate",schemaPath:"#/properties/autoUpdate/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
if(data.logging !== undefined){
let data133 = data.logging;
if(data133 && typeof data133 == "object" && !Array.isArray(data133)){
for(const key19 in data133){
if(!((((key19 === "driver") || (key19 === "maxSize")) || (key19 === "maxFiles")) || (key19 === "keepOld"))){
const err168 = {instancePath:instancePath+"/logging",schemaPath:"#/properties/logging/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key19},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
}
if(data133.driver !== undefined){
let data134 = data133.driver;
if(typeof data134 !== "string"){
const err169 = {instancePath:instancePath+"/logging/driver",schemaPath:"#/properties/logging/properties/driver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
if(!(data134 === "file")){
const err170 = {instancePath:instancePath+"/logging/driver",schemaPath:"#/properties/logging/properties/driver/enum",keyword:"enum",params:{allowedValues: schema12.properties.logging.properties.driver.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
}
if(data133.maxSize !== undefined){
let data135 = data133.maxSize;
if((typeof data135 !== "string") && (!((typeof data135 == "number") && (isFinite(data135))))){
const err171 = {instancePath:instancePath+"/logging/maxSize",schemaPath:"#/properties/logging/properties/maxSize/type",keyword:"type",params:{type: schema12.properties.logging.properties.maxSize.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
}
if(data133.maxFiles !== undefined){
let data136 = data133.maxFiles;
if(!(((typeof data136 == "number") && (!(data136 % 1) && !isNaN(data136))) && (isFinite(data136)))){
const err172 = {instancePath:instancePath+"/logging/maxFiles",schemaPath:"#/properties/logging/properties/maxFiles/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
if((typeof data136 == "number") && (isFinite(data136))){
if(data136 > 100 || isNaN(data136)){
const err173 = {instancePath:instancePath+"/logging/maxFiles",schemaPath:"#/properties/logging/properties/maxFiles/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100},message:"must be <= 100"};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
if(data136 < 1 || isNaN(data136)){
const err174 = {instancePath:instancePath+"/logging/maxFiles",schemaPath:"#/properties/logging/properties/maxFiles/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
}
}
if(data133.keepOld !== undefined){
let data137 = data133.keepOld;
if(!(((typeof data137 == "number") && (!(data137 % 1) && !isNaN(data137))) && (isFinite(data137)))){
const err175 = {instancePath:instancePath+"/logging/keepOld",schemaPath:"#/properties/logging/properties/keepOld/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
if((typeof data137 == "number") && (isFinite(data137))){
if(data137 > 100 || isNaN(data137)){
const err176 = {instancePath:instancePath+"/logging/keepOld",schemaPath:"#/properties/logging/properties/keepOld/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100},message:"must be <= 100"};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
if(data137 < 0 || isNaN(data137)){
const err177 = {instancePath:instancePath+"/logging/keepOld",schemaPath:"#/properties/logging/properties/keepOld/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
}
}
}
else {
const err178 = {instancePath:instancePath+"/logging",schemaPath:"#/properties/logging/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
}
if(data.runtime !== undefined){
const err179 = {instancePath:instancePath+"/runtime",schemaPath:"#/properties/runtime/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
if(data.state !== undefined){
let data139 = data.state;
if(typeof data139 !== "string"){
const err180 = {instancePath:instancePath+"/state",schemaPath:"#/properties/state/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
}
if(!((data139 === "Running") || (data139 === "Stopped"))){
const err181 = {instancePath:instancePath+"/state",schemaPath:"#/properties/state/enum",keyword:"enum",params:{allowedValues: schema12.properties.state.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
}
else {
const err182 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
validate11.errors = vErrors;
return errors === 0;
}

export const validateImage = validate12;
const schema13 = {"type":"object","required":["ref"],"properties":{"ref":{"type":"string"},"pullPolicy":{"type":"string","enum":["IfNotPresent","Always","Never"]},"keep":false,"autoUpdate":false,"verify":false},"additionalProperties":false};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ref === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ref"},message:"must have required property '"+"ref"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((((key0 === "ref") || (key0 === "pullPolicy")) || (key0 === "keep")) || (key0 === "autoUpdate")) || (key0 === "verify"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.ref !== undefined){
if(typeof data.ref !== "string"){
const err2 = {instancePath:instancePath+"/ref",schemaPath:"#/properties/ref/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.pullPolicy !== undefined){
let data1 = data.pullPolicy;
if(typeof data1 !== "string"){
const err3 = {instancePath:instancePath+"/pullPolicy",schemaPath:"#/properties/pullPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!(((data1 === "IfNotPresent") || (data1 === "Always")) || (data1 === "Never"))){
const err4 = {instancePath:instancePath+"/pullPolicy",schemaPath:"#/properties/pullPolicy/enum",keyword:"enum",params:{allowedValues: schema13.properties.pullPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.keep !== undefined){
const err5 = {instancePath:instancePath+"/keep",schemaPath:"#/properties/keep/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data.autoUpdate !== undefined){
const err6 = {instancePath:instancePath+"/autoUpdate",schemaPath:"#/properties/autoUpdate/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data.verify !== undefined){
const err7 = {instancePath:instancePath+"/verify",schemaPath:"#/properties/verify/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
validate12.errors = vErrors;
return errors === 0;
}

export const validateNetwork = validate13;
const schema14 = {"type":"object","properties":{"driver":{"type":"string","enum":["bridge"]},"subnet":{"type":"string"},"gateway":{"type":"string"},"ipRange":{"type":"string"},"ipv6":false,"internal":false,"isolated":{"type":"boolean"},"masquerade":{"type":"boolean"},"mtu":{"type":["integer","string"]},"dns":false},"additionalProperties":false};

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema14.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.driver !== undefined){
let data0 = data.driver;
if(typeof data0 !== "string"){
const err1 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(!(data0 === "bridge")){
const err2 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/enum",keyword:"enum",params:{allowedValues: schema14.properties.driver.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.subnet !== undefined){
if(typeof data.subnet !== "string"){
const err3 = {instancePath:instancePath+"/subnet",schemaPath:"#/properties/subnet/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.gateway !== undefined){
if(typeof data.gateway !== "string"){
const err4 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.ipRange !== undefined){
if(typeof data.ipRange !== "string"){
const err5 = {instancePath:instancePath+"/ipRange",schemaPath:"#/properties/ipRange/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.ipv6 !== undefined){
const err6 = {instancePath:instancePath+"/ipv6",schemaPath:"#/properties/ipv6/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data.internal !== undefined){
const err7 = {instancePath:instancePath+"/internal",schemaPath:"#/properties/internal/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if(data.isolated !== undefined){
if(typeof data.isolated !== "boolean"){
const err8 = {instancePath:instancePath+"/isolated",schemaPath:"#/properties/isolated/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.masquerade !== undefined){
if(typeof data.masquerade !== "boolean"){
const err9 = {instancePath:instancePath+"/masquerade",schemaPath:"#/properties/masquerade/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.mtu !== undefined){
let data8 = data.mtu;
if((!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8)))) && (typeof data8 !== "string")){
const err10 = {instancePath:instancePath+"/mtu",schemaPath:"#/properties/mtu/type",keyword:"type",params:{type: schema14.properties.mtu.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.dns !== undefined){
const err11 = {instancePath:instancePath+"/dns",schemaPath:"#/properties/dns/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
validate13.errors = vErrors;
return errors === 0;
}

export const validateVolume = validate14;
const schema15 = {"type":"object","properties":{"driver":{"type":"string","enum":["local","bind","tmpfs"]},"hostPath":{"type":"string"},"nfs":false,"size":false,"accessMode":{"type":"string","enum":["ReadWriteOnce","ReadWriteMany"]},"owner":{"type":"object","properties":{"uid":{"type":"integer","minimum":0,"maximum":4294967294},"gid":{"type":"integer","minimum":0,"maximum":4294967294},"mode":{"type":["string","integer"]}},"additionalProperties":false},"populateFrom":false,"reclaimPolicy":{"type":"string","enum":["Retain","Delete"]}},"additionalProperties":false};

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((((key0 === "driver") || (key0 === "hostPath")) || (key0 === "nfs")) || (key0 === "size")) || (key0 === "accessMode")) || (key0 === "owner")) || (key0 === "populateFrom")) || (key0 === "reclaimPolicy"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.driver !== undefined){
let data0 = data.driver;
if(typeof data0 !== "string"){
const err1 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(!(((data0 === "local") || (data0 === "bind")) || (data0 === "tmpfs"))){
const err2 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/enum",keyword:"enum",params:{allowedValues: schema15.properties.driver.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.hostPath !== undefined){
if(typeof data.hostPath !== "string"){
const err3 = {instancePath:instancePath+"/hostPath",schemaPath:"#/properties/hostPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.nfs !== undefined){
const err4 = {instancePath:instancePath+"/nfs",schemaPath:"#/properties/nfs/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data.size !== undefined){
const err5 = {instancePath:instancePath+"/size",schemaPath:"#/properties/size/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data.accessMode !== undefined){
let data4 = data.accessMode;
if(typeof data4 !== "string"){
const err6 = {instancePath:instancePath+"/accessMode",schemaPath:"#/properties/accessMode/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(!((data4 === "ReadWriteOnce") || (data4 === "ReadWriteMany"))){
const err7 = {instancePath:instancePath+"/accessMode",schemaPath:"#/properties/accessMode/enum",keyword:"enum",params:{allowedValues: schema15.properties.accessMode.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.owner !== undefined){
let data5 = data.owner;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key1 in data5){
if(!(((key1 === "uid") || (key1 === "gid")) || (key1 === "mode"))){
const err8 = {instancePath:instancePath+"/owner",schemaPath:"#/properties/owner/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data5.uid !== undefined){
let data6 = data5.uid;
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
const err9 = {instancePath:instancePath+"/owner/uid",schemaPath:"#/properties/owner/properties/uid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 > 4294967294 || isNaN(data6)){
const err10 = {instancePath:instancePath+"/owner/uid",schemaPath:"#/properties/owner/properties/uid/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(data6 < 0 || isNaN(data6)){
const err11 = {instancePath:instancePath+"/owner/uid",schemaPath:"#/properties/owner/properties/uid/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
if(data5.gid !== undefined){
let data7 = data5.gid;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err12 = {instancePath:instancePath+"/owner/gid",schemaPath:"#/properties/owner/properties/gid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 4294967294 || isNaN(data7)){
const err13 = {instancePath:instancePath+"/owner/gid",schemaPath:"#/properties/owner/properties/gid/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data7 < 0 || isNaN(data7)){
const err14 = {instancePath:instancePath+"/owner/gid",schemaPath:"#/properties/owner/properties/gid/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
if(data5.mode !== undefined){
let data8 = data5.mode;
if((typeof data8 !== "string") && (!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8))))){
const err15 = {instancePath:instancePath+"/owner/mode",schemaPath:"#/properties/owner/properties/mode/type",keyword:"type",params:{type: schema15.properties.owner.properties.mode.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
else {
const err16 = {instancePath:instancePath+"/owner",schemaPath:"#/properties/owner/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.populateFrom !== undefined){
const err17 = {instancePath:instancePath+"/populateFrom",schemaPath:"#/properties/populateFrom/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(data.reclaimPolicy !== undefined){
let data10 = data.reclaimPolicy;
if(typeof data10 !== "string"){
const err18 = {instancePath:instancePath+"/reclaimPolicy",schemaPath:"#/properties/reclaimPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(!((data10 === "Retain") || (data10 === "Delete"))){
const err19 = {instancePath:instancePath+"/reclaimPolicy",schemaPath:"#/properties/reclaimPolicy/enum",keyword:"enum",params:{allowedValues: schema15.properties.reclaimPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
else {
const err20 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
validate14.errors = vErrors;
return errors === 0;
}

export const validateConfig = validate15;
const schema16 = {"type":"object","properties":{"data":{"type":"object","additionalProperties":{"type":"string"}},"binaryData":{"type":"object","additionalProperties":{"type":"string"}},"files":{"type":"array","items":{"type":"string"}},"interpolate":{"type":"boolean"},"immutable":{"type":"boolean"}},"additionalProperties":false};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "data") || (key0 === "binaryData")) || (key0 === "files")) || (key0 === "interpolate")) || (key0 === "immutable"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.data !== undefined){
let data0 = data.data;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(typeof data0[key1] !== "string"){
const err1 = {instancePath:instancePath+"/data/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/data/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
else {
const err2 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.binaryData !== undefined){
let data2 = data.binaryData;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key2 in data2){
if(typeof data2[key2] !== "string"){
const err3 = {instancePath:instancePath+"/binaryData/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/binaryData/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath:instancePath+"/binaryData",schemaPath:"#/properties/binaryData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.files !== undefined){
let data4 = data.files;
if(Array.isArray(data4)){
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
if(typeof data4[i0] !== "string"){
const err5 = {instancePath:instancePath+"/files/" + i0,schemaPath:"#/properties/files/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath:instancePath+"/files",schemaPath:"#/properties/files/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.interpolate !== undefined){
if(typeof data.interpolate !== "boolean"){
const err7 = {instancePath:instancePath+"/interpolate",schemaPath:"#/properties/interpolate/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.immutable !== undefined){
if(typeof data.immutable !== "boolean"){
const err8 = {instancePath:instancePath+"/immutable",schemaPath:"#/properties/immutable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
else {
const err9 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}

export const validateSecret = validate16;
const schema17 = {"type":"object","properties":{"stringData":{"type":"object","additionalProperties":{"type":"string"}},"data":{"type":"object","additionalProperties":{"type":"string"}},"encrypted":{"type":"object","additionalProperties":{"type":"string"}},"from":{"type":"object","properties":{"file":{"type":"string"},"env":{"type":"string"},"exec":{"type":"array","items":{"type":"string"}},"secret":{"type":"string"},"keys":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},"generate":{"type":"object","additionalProperties":{"type":"object","properties":{"length":{"type":"integer","minimum":8,"maximum":4096},"charset":{"type":"string","enum":["alnum","hex","base64","ascii"]}},"additionalProperties":false}}},"additionalProperties":false};

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "stringData") || (key0 === "data")) || (key0 === "encrypted")) || (key0 === "from")) || (key0 === "generate"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.stringData !== undefined){
let data0 = data.stringData;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(typeof data0[key1] !== "string"){
const err1 = {instancePath:instancePath+"/stringData/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/stringData/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
else {
const err2 = {instancePath:instancePath+"/stringData",schemaPath:"#/properties/stringData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.data !== undefined){
let data2 = data.data;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key2 in data2){
if(typeof data2[key2] !== "string"){
const err3 = {instancePath:instancePath+"/data/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/data/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.encrypted !== undefined){
let data4 = data.encrypted;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key3 in data4){
if(typeof data4[key3] !== "string"){
const err5 = {instancePath:instancePath+"/encrypted/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/encrypted/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath:instancePath+"/encrypted",schemaPath:"#/properties/encrypted/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.from !== undefined){
let data6 = data.from;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key4 in data6){
if(!(((((key4 === "file") || (key4 === "env")) || (key4 === "exec")) || (key4 === "secret")) || (key4 === "keys"))){
const err7 = {instancePath:instancePath+"/from",schemaPath:"#/properties/from/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data6.file !== undefined){
if(typeof data6.file !== "string"){
const err8 = {instancePath:instancePath+"/from/file",schemaPath:"#/properties/from/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data6.env !== undefined){
if(typeof data6.env !== "string"){
const err9 = {instancePath:instancePath+"/from/env",schemaPath:"#/properties/from/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data6.exec !== undefined){
let data9 = data6.exec;
if(Array.isArray(data9)){
const len0 = data9.length;
for(let i0=0; i0<len0; i0++){
if(typeof data9[i0] !== "string"){
const err10 = {instancePath:instancePath+"/from/exec/" + i0,schemaPath:"#/properties/from/properties/exec/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/from/exec",schemaPath:"#/properties/from/properties/exec/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data6.secret !== undefined){
if(typeof data6.secret !== "string"){
const err12 = {instancePath:instancePath+"/from/secret",schemaPath:"#/properties/from/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data6.keys !== undefined){
let data12 = data6.keys;
if(Array.isArray(data12)){
const len1 = data12.length;
for(let i1=0; i1<len1; i1++){
if(typeof data12[i1] !== "string"){
const err13 = {instancePath:instancePath+"/from/keys/" + i1,schemaPath:"#/properties/from/properties/keys/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
else {
const err14 = {instancePath:instancePath+"/from/keys",schemaPath:"#/properties/from/properties/keys/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/from",schemaPath:"#/properties/from/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.generate !== undefined){
let data14 = data.generate;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key5 in data14){
let data15 = data14[key5];
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key6 in data15){
if(!((key6 === "length") || (key6 === "charset"))){
const err16 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/generate/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data15.length !== undefined){
let data16 = data15.length;
if(!(((typeof data16 == "number") && (!(data16 % 1) && !isNaN(data16))) && (isFinite(data16)))){
const err17 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/length",schemaPath:"#/properties/generate/additionalProperties/properties/length/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if((typeof data16 == "number") && (isFinite(data16))){
if(data16 > 4096 || isNaN(data16)){
const err18 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/length",schemaPath:"#/properties/generate/additionalProperties/properties/length/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4096},message:"must be <= 4096"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data16 < 8 || isNaN(data16)){
const err19 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/length",schemaPath:"#/properties/generate/additionalProperties/properties/length/minimum",keyword:"minimum",params:{comparison: ">=", limit: 8},message:"must be >= 8"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
if(data15.charset !== undefined){
let data17 = data15.charset;
if(typeof data17 !== "string"){
const err20 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/charset",schemaPath:"#/properties/generate/additionalProperties/properties/charset/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(!((((data17 === "alnum") || (data17 === "hex")) || (data17 === "base64")) || (data17 === "ascii"))){
const err21 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/charset",schemaPath:"#/properties/generate/additionalProperties/properties/charset/enum",keyword:"enum",params:{allowedValues: schema17.properties.generate.additionalProperties.properties.charset.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
else {
const err22 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/generate/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath:instancePath+"/generate",schemaPath:"#/properties/generate/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
}
else {
const err24 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
validate16.errors = vErrors;
return errors === 0;
}

export const validateRegistry = validate17;
const schema18 = {"type":"object","required":["host"],"properties":{"host":{"type":"string"},"mirrors":{"type":"array","items":{"type":"string"}},"auth":{"type":"object","properties":{"secret":{"type":"string"}},"additionalProperties":false},"ca":{"type":"string"},"clientCertificate":{"type":"object","properties":{"secret":{"type":"string"}},"additionalProperties":false},"realms":{"type":"array","items":{"type":"string"}},"insecure":{"type":"boolean"}},"additionalProperties":false};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.host === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "host"},message:"must have required property '"+"host"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "host") || (key0 === "mirrors")) || (key0 === "auth")) || (key0 === "ca")) || (key0 === "clientCertificate")) || (key0 === "realms")) || (key0 === "insecure"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.host !== undefined){
if(typeof data.host !== "string"){
const err2 = {instancePath:instancePath+"/host",schemaPath:"#/properties/host/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.mirrors !== undefined){
let data1 = data.mirrors;
if(Array.isArray(data1)){
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
if(typeof data1[i0] !== "string"){
const err3 = {instancePath:instancePath+"/mirrors/" + i0,schemaPath:"#/properties/mirrors/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath:instancePath+"/mirrors",schemaPath:"#/properties/mirrors/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.auth !== undefined){
let data3 = data.auth;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
if(!(key1 === "secret")){
const err5 = {instancePath:instancePath+"/auth",schemaPath:"#/properties/auth/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data3.secret !== undefined){
if(typeof data3.secret !== "string"){
const err6 = {instancePath:instancePath+"/auth/secret",schemaPath:"#/properties/auth/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/auth",schemaPath:"#/properties/auth/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.ca !== undefined){
if(typeof data.ca !== "string"){
const err8 = {instancePath:instancePath+"/ca",schemaPath:"#/properties/ca/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.clientCertificate !== undefined){
let data6 = data.clientCertificate;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key2 in data6){
if(!(key2 === "secret")){
const err9 = {instancePath:instancePath+"/clientCertificate",schemaPath:"#/properties/clientCertificate/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data6.secret !== undefined){
if(typeof data6.secret !== "string"){
const err10 = {instancePath:instancePath+"/clientCertificate/secret",schemaPath:"#/properties/clientCertificate/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/clientCertificate",schemaPath:"#/properties/clientCertificate/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.realms !== undefined){
let data8 = data.realms;
if(Array.isArray(data8)){
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
if(typeof data8[i1] !== "string"){
const err12 = {instancePath:instancePath+"/realms/" + i1,schemaPath:"#/properties/realms/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/realms",schemaPath:"#/properties/realms/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.insecure !== undefined){
if(typeof data.insecure !== "boolean"){
const err14 = {instancePath:instancePath+"/insecure",schemaPath:"#/properties/insecure/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
validate17.errors = vErrors;
return errors === 0;
}

export const validateEngineConfig = validate18;
const schema19 = {"type":"object","properties":{"prefix":{"type":"string"},"reconcile":{"type":"object","properties":{"interval":{"type":["string","number"]},"parallel":false},"additionalProperties":false},"pools":{"type":"array","items":{"type":"object","required":["cidr","block"],"properties":{"cidr":{"type":"string"},"block":{"type":"integer","minimum":8,"maximum":29}},"additionalProperties":false}},"watch":false,"firewall":false,"publish":false,"gc":false,"defaults":false,"runtimes":false,"docker":false},"additionalProperties":false};

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema19.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.prefix !== undefined){
if(typeof data.prefix !== "string"){
const err1 = {instancePath:instancePath+"/prefix",schemaPath:"#/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.reconcile !== undefined){
let data1 = data.reconcile;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!((key1 === "interval") || (key1 === "parallel"))){
const err2 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data1.interval !== undefined){
let data2 = data1.interval;
if((typeof data2 !== "string") && (!((typeof data2 == "number") && (isFinite(data2))))){
const err3 = {instancePath:instancePath+"/reconcile/interval",schemaPath:"#/properties/reconcile/properties/interval/type",keyword:"type",params:{type: schema19.properties.reconcile.properties.interval.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data1.parallel !== undefined){
const err4 = {instancePath:instancePath+"/reconcile/parallel",schemaPath:"#/properties/reconcile/properties/parallel/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.pools !== undefined){
let data4 = data.pools;
if(Array.isArray(data4)){
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.cidr === undefined){
const err6 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/required",keyword:"required",params:{missingProperty: "cidr"},message:"must have required property '"+"cidr"+"'"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data5.block === undefined){
const err7 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/required",keyword:"required",params:{missingProperty: "block"},message:"must have required property '"+"block"+"'"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
for(const key2 in data5){
if(!((key2 === "cidr") || (key2 === "block"))){
const err8 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data5.cidr !== undefined){
if(typeof data5.cidr !== "string"){
const err9 = {instancePath:instancePath+"/pools/" + i0+"/cidr",schemaPath:"#/properties/pools/items/properties/cidr/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data5.block !== undefined){
let data7 = data5.block;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err10 = {instancePath:instancePath+"/pools/" + i0+"/block",schemaPath:"#/properties/pools/items/properties/block/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 29 || isNaN(data7)){
const err11 = {instancePath:instancePath+"/pools/" + i0+"/block",schemaPath:"#/properties/pools/items/properties/block/maximum",keyword:"maximum",params:{comparison: "<=", limit: 29},message:"must be <= 29"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(data7 < 8 || isNaN(data7)){
const err12 = {instancePath:instancePath+"/pools/" + i0+"/block",schemaPath:"#/properties/pools/items/properties/block/minimum",keyword:"minimum",params:{comparison: ">=", limit: 8},message:"must be >= 8"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
}
else {
const err13 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
else {
const err14 = {instancePath:instancePath+"/pools",schemaPath:"#/properties/pools/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.watch !== undefined){
const err15 = {instancePath:instancePath+"/watch",schemaPath:"#/properties/watch/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if(data.firewall !== undefined){
const err16 = {instancePath:instancePath+"/firewall",schemaPath:"#/properties/firewall/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(data.publish !== undefined){
const err17 = {instancePath:instancePath+"/publish",schemaPath:"#/properties/publish/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(data.gc !== undefined){
const err18 = {instancePath:instancePath+"/gc",schemaPath:"#/properties/gc/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data.defaults !== undefined){
const err19 = {instancePath:instancePath+"/defaults",schemaPath:"#/properties/defaults/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(data.runtimes !== undefined){
const err20 = {instancePath:instancePath+"/runtimes",schemaPath:"#/properties/runtimes/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(data.docker !== undefined){
const err21 = {instancePath:instancePath+"/docker",schemaPath:"#/properties/docker/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
validate18.errors = vErrors;
return errors === 0;
}


export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** One validator a kind of this release, and `Metadata`. Errors stand in `errors` until the next call. */
export const validators: Readonly<Record<'Metadata' | 'Container' | 'Image' | 'Network' | 'Volume' | 'Config' | 'Secret' | 'Registry' | 'EngineConfig', Validator>> = { Metadata: validateMetadata, Container: validateContainer, Image: validateImage, Network: validateNetwork, Volume: validateVolume, Config: validateConfig, Secret: validateSecret, Registry: validateRegistry, EngineConfig: validateEngineConfig };
